// Package ptytest runs a command in a terminal, types at it, and looks at what
// a person would see.
//
//	screen := ptytest.Start(t, exec.Command("iql", "shell"), ptytest.Options{})
//	screen.WaitFor("iql> ")
//	screen.Send("SELECT 1;\r")
//	screen.Wait(func(screen string) bool { return strings.Contains(screen, "1 row") })
//
// Nothing sleeps: what waits looks at each change of the screen, until a
// deadline. A test that fails shows the screen. Send after a Wait: a program
// that is not reading yet may not get all that is typed.
//
// Windows has no terminals of this kind: there the package is empty.
package ptytest
