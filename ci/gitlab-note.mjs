// Writes a note on a merge request, or updates the one that begins with the same marker. Reads where from GitLab's own
// variables (CI_API_V4_URL, CI_PROJECT_ID, CI_MERGE_REQUEST_IID) and the token from GATE_TOKEN.
import { readFileSync } from 'node:fs';
import { argv, env } from 'node:process';

const [, , file] = argv;
const body = readFileSync(file, 'utf8');
const marker = body.slice(0, body.indexOf('\n'));
const project = `${env.CI_API_V4_URL}/projects/${encodeURIComponent(env.CI_PROJECT_ID)}`;
const notes = `${project}/merge_requests/${encodeURIComponent(env.CI_MERGE_REQUEST_IID)}/notes`;

async function ask(method, url, fields) {
  const response = await fetch(url, {
    method,
    headers: { 'PRIVATE-TOKEN': env.GATE_TOKEN, 'Content-Type': 'application/json' },
    ...(fields === undefined ? {} : { body: JSON.stringify(fields) }),
  });
  if (!response.ok) throw new Error(`GitLab answered ${response.status} to ${method} ${url}`);
  return { found: await response.json(), next: response.headers.get('x-next-page') };
}

/** The note that we wrote before: anybody may copy the marker, but not our name. */
async function earlier(author) {
  for (let page = '1'; page !== '' && page !== null; ) {
    const { found, next } = await ask('GET', `${notes}?per_page=100&page=${page}`);
    const ours = found.find((note) => note.author?.id === author && note.body?.startsWith(marker));
    if (ours !== undefined) return ours.id;
    page = next;
  }
  return undefined;
}

try {
  const { found: us } = await ask('GET', `${env.CI_API_V4_URL}/user`);
  const id = await earlier(us.id);
  if (id === undefined) await ask('POST', notes, { body });
  else await ask('PUT', `${notes}/${id}`, { body });
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
