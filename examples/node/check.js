// Google's Node client for Classroom at work against iql's emulator:
//
//	iql emulate --seed empty &
//	IQL_EMULATOR=http://127.0.0.1:8085/ npm test
//
// It fills the emulator with a school of its own, calls every method that the
// emulator has, and exits with 1 at the first answer that is not as it should
// be.
import assert from 'node:assert/strict';
import { auth, classroom } from '@googleapis/classroom';

const rootUrl = process.env.IQL_EMULATOR;
if (!rootUrl?.endsWith('/')) {
  console.error('IQL_EMULATOR is the address of an emulator, http://127.0.0.1:8085/');
  process.exit(2);
}

const school = `
domains:
- {name: dom.edu, edition: paid}
users:
- {id: 1, email: admin@dom.edu, admin: true}
- {id: 2, email: owner@dom.edu, name: Olu Owner}
- {id: 3, email: teacher@dom.edu}
- {id: 4, email: student@dom.edu}
- {id: 5, email: invitee@dom.edu}
courses:
- {id: 101, name: Maths, ownerId: owner@dom.edu, teachers: [teacher@dom.edu], students: [student@dom.edu], aliases: ["d:math 1"]}
`;

// control posts to the emulator itself.
async function control(path, body) {
  const reply = await fetch(new URL('_emulator/' + path, rootUrl), { method: 'POST', body });
  assert.equal(reply.status, 200, await reply.text());
}

// as returns a client whose access token is the user's address.
function as(user) {
  const client = new auth.OAuth2();
  client.setCredentials({ access_token: user });
  return classroom({ version: 'v1', auth: client, rootUrl });
}

// refused checks that a call fails, and how.
async function refused(call, code, message) {
  await assert.rejects(call, (err) => {
    assert.equal(err.status, code, `status of ${err}`);
    const error = err.response.data.error;
    assert.ok(error.message.startsWith(message), `message ${error.message}, want ${message}`);
    assert.equal(error.code, code);
    assert.ok(error.errors.length > 0, 'errors[] for a client of Google’s');
    return true;
  });
}

const owner = as('owner@dom.edu');
const boss = as('admin@dom.edu');
const invitee = as('invitee@dom.edu');

async function invitations() {
  const { status, data: made } = await owner.invitations.create({
    requestBody: { courseId: 'd:math 1', userId: 'invitee@dom.edu', role: 'STUDENT' },
  });
  assert.equal(status, 200);
  assert.deepEqual(made, { id: made.id, userId: '5', courseId: '101', role: 'STUDENT' });
  assert.deepEqual((await owner.invitations.get({ id: made.id })).data, made);
  assert.deepEqual((await invitee.invitations.list({ userId: 'me' })).data, { invitations: [made] });
  await refused(boss.invitations.accept({ id: made.id }), 403, 'The caller does not have permission');
  assert.deepEqual((await invitee.invitations.accept({ id: made.id })).data, {});
  await refused(owner.invitations.get({ id: made.id }), 404, 'Requested entity was not found.');
  assert.deepEqual((await owner.invitations.list({ courseId: '101' })).data, {});

  const again = (await owner.invitations.create({ requestBody: { courseId: '101', userId: '5', role: 'TEACHER' } })).data;
  await refused(
    owner.invitations.create({ requestBody: { courseId: '101', userId: '5', role: 'TEACHER' } }),
    409, 'Requested entity already exists');
  assert.deepEqual((await owner.invitations.delete({ id: again.id })).data, {});
  await refused(
    owner.invitations.create({ requestBody: { courseId: '101', userId: '4', role: 'OWNER' } }),
    400, '@IneligibleOwner ');
}

async function courses() {
  const { data: course } = await owner.courses.create({ requestBody: { name: 'Art', ownerId: 'me', courseState: 'ACTIVE' } });
  const { data: patched } = await owner.courses.patch({ id: course.id, updateMask: 'room', requestBody: { room: '7' } });
  assert.equal(patched.room, '7');
  await owner.courses.aliases.create({ courseId: course.id, requestBody: { alias: 'p:art/1' } });
  assert.equal((await owner.courses.get({ id: 'p:art/1' })).data.id, course.id);
  assert.deepEqual((await owner.courses.aliases.list({ courseId: course.id })).data, { aliases: [{ alias: 'p:art/1' }] });
  await owner.courses.aliases.delete({ courseId: course.id, alias: 'p:art/1' });

  await boss.courses.students.create({ courseId: course.id, requestBody: { userId: '4' } });
  await boss.courses.teachers.create({ courseId: course.id, requestBody: { userId: '3' } });
  assert.equal((await owner.courses.students.list({ courseId: course.id })).data.students.length, 1);
  assert.equal((await owner.courses.teachers.list({ courseId: course.id })).data.teachers.length, 2);
  assert.equal((await owner.courses.students.get({ courseId: course.id, userId: '4' })).data.profile.emailAddress, 'student@dom.edu');
  assert.equal((await owner.courses.teachers.get({ courseId: course.id, userId: 'teacher@dom.edu' })).data.userId, '3');
  await owner.courses.students.delete({ courseId: course.id, userId: '4' });
  await boss.courses.teachers.delete({ courseId: course.id, userId: '3' });
  assert.equal((await owner.userProfiles.get({ userId: 'me' })).data.name.fullName, 'Olu Owner');

  const ids = [];
  let pageToken;
  do {
    const { data } = await owner.courses.list({
      courseStates: ['ACTIVE', 'ARCHIVED'], pageSize: 1, pageToken, fields: 'nextPageToken,courses(id)',
    });
    ids.push(...data.courses.map((c) => c.id));
    pageToken = data.nextPageToken;
  } while (pageToken);
  assert.deepEqual(ids, [course.id, '101']);
  await refused(boss.courses.list({ teacherId: '2', studentId: '4' }), 400, '@ListCoursesStudentAndTeacherFilter ');
  await owner.courses.delete({ id: course.id });
}

// tokens has the client get an access token itself.
async function tokens() {
  const client = new auth.OAuth2({
    clientId: '1-x.apps.googleusercontent.com', clientSecret: 'x',
    endpoints: { oauth2TokenUrl: rootUrl + 'token' },
  });
  client.setCredentials({ refresh_token: 'owner@dom.edu' });
  const { data } = await classroom({ version: 'v1', auth: client, rootUrl }).courses.get({ id: '101' });
  assert.equal(data.name, 'Maths');
}

// retries has the client try again after a 503, which it does on GET.
async function retries() {
  await control('faults', JSON.stringify({ faults: ['courses.get=503:2'] }));
  assert.equal((await owner.courses.get({ id: '101' })).status, 200);
}

await control('seed', school);
await control('faults', JSON.stringify({ latency: '', faults: [] }));
for (const check of [invitations, courses, tokens, retries]) {
  await check();
  console.log(`ok ${check.name}`);
}
