package format

import (
	"strings"
	"unicode/utf8"
)

// How long a statement on one line may be, and any other line, in characters.
const (
	shortStatement = 80
	lineWidth      = 100
)

// kind says what a node is.
type kind uint8

const (
	literal kind = iota // words
	space               // a blank between words, and nothing at either end of a line
	line                // a blank, or the end of a line where its group is broken
	soft                // nothing, or the end of a line where its group is broken
	comment             // words that may want a line of their own
	concat              // its nodes, one after the other
	group               // its nodes, on one line if they fit
	nest                // its nodes, whose lines are indented
	align               // its nodes, whose lines begin below the first
	fill                // its nodes, as many on a line as fit
)

// node is a piece of a statement with places where it may be broken.
type node struct {
	kind     kind
	text     string
	nodes    []*node
	ownLine  bool // comment: nothing stands before it on its line
	endsLine bool // comment: nothing stands after it on its line

	width  int  // on one line
	lead   int  // of what comes before the first place where it may be broken
	breaks bool // it may be broken
	forced bool // it cannot stand on one line
}

// words returns the node of a text that is not broken.
func words(s string) *node {
	n := &node{kind: literal, text: s, width: utf8.RuneCountInString(s), forced: strings.Contains(s, "\n")}
	n.lead = n.width
	return n
}

func leaf(k kind, width int) *node {
	return &node{kind: k, width: width, breaks: k != space, lead: width}
}

// of returns the node that has others.
func of(k kind, nodes ...*node) *node {
	n := &node{kind: k, nodes: nodes}
	for i, child := range nodes {
		if k == fill && i > 0 {
			n.width++
			n.breaks = true
		}
		if !n.breaks {
			n.lead += child.lead
		}
		n.width += child.width
		n.breaks = n.breaks || child.breaks
		n.forced = n.forced || child.forced
	}
	return n
}

// printer writes nodes as lines.
type printer struct {
	b       strings.Builder
	col     int
	start   bool // of a line: nothing is on it yet
	blank   bool // a blank comes before the next word
	pending bool // the line ends before the next word
}

// print writes a node. Its lines begin at indent, rest is the width of what
// follows it up to the next place where a line may end.
func (p *printer) print(n *node, flat bool, indent, rest int) {
	switch n.kind {
	case literal:
		p.word(n.text, indent)
	case space:
		p.blank = true
	case line, soft:
		p.end(n, flat, indent)
	case comment:
		if n.ownLine && !p.start {
			p.newline(indent)
		}
		p.blank = true
		p.word(n.text, indent)
		p.blank, p.pending = true, n.endsLine
	case concat:
		p.all(n, flat, indent, rest)
	case group:
		p.all(n, flat || p.fits(n, rest), indent, rest)
	case nest:
		p.all(n, flat, indent+2, rest)
	case align:
		column := p.col
		if p.blank && !p.start {
			column++
		}
		p.all(n, flat, column, rest)
	case fill:
		p.fill(n, indent, rest)
	}
}

func (p *printer) fits(n *node, rest int) bool {
	return !n.forced && !p.pending && p.col+n.width+rest <= lineWidth
}

// all writes the nodes of n.
func (p *printer) all(n *node, flat bool, indent, rest int) {
	for i, child := range n.nodes {
		after, open := 0, true
		for _, next := range n.nodes[i+1:] {
			after += next.lead
			if next.breaks || after > lineWidth {
				open = false
				break
			}
		}
		if open {
			after += rest
		}
		p.print(child, flat, indent, after)
	}
}

// fill writes items, each on the line of the one before it if it fits there.
func (p *printer) fill(n *node, indent, rest int) {
	for i, item := range n.nodes {
		after := 0
		if i == len(n.nodes)-1 {
			after = rest
		}
		if i > 0 {
			p.blank = true
			if p.pending || item.forced || n.nodes[i-1].forced || p.col+1+item.width+after > lineWidth {
				p.newline(indent)
			}
		}
		p.print(item, p.fits(item, after), indent, after)
	}
}

// end writes a place where a line may end.
func (p *printer) end(n *node, flat bool, indent int) {
	if !flat || p.pending {
		p.newline(indent)
		return
	}
	p.blank = p.blank || n.kind == line
}

func (p *printer) newline(indent int) {
	if !p.start {
		p.b.WriteByte('\n')
	}
	p.col, p.start, p.blank, p.pending = indent, true, false, false
}

func (p *printer) word(s string, indent int) {
	if p.pending {
		p.newline(indent)
	}
	switch {
	case p.start:
		p.b.WriteString(strings.Repeat(" ", p.col))
	case p.blank && s != "," && s != ")":
		p.b.WriteByte(' ')
		p.col++
	}
	p.b.WriteString(s)
	if at := strings.LastIndexByte(s, '\n'); at >= 0 {
		p.col, s = 0, s[at+1:]
	}
	p.col += utf8.RuneCountInString(s)
	p.blank, p.start = false, false
}
