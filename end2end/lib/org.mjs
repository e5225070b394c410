// An organisation made as an operator and an admin make it, for journeys that are about something else.

import { join } from 'node:path';
import { startAgent } from './agent.mjs';
import { Person } from './person.mjs';
import { serverCommand, startServer, urlOf } from './server.mjs';
import { eventually, freePort } from './wait.mjs';

/** Everybody's password: they are nobody's. */
const PASSWORD = 'harbour lamp quiet anvil';

const who = (name, email) => ({ name, email, password: PASSWORD });

/** The people of every journey. */
export const PEOPLE = {
  admin: who('Ada Marsh', 'ada@northwind.example'),
  technician: who('Tim Okafor', 'tim@northwind.example'),
  contact: who('Carla Reyes', 'carla@harbourcafe.example'),
  director: who('Dora Lindqvist', 'dora@northwind.example'),
};

export const ORG = 'Northwind Repair';
export const CLIENT = 'Harbour Cafe Group';
export const ENDPOINT = 'POS-REGISTER-07';

/** Makes the organisation below `folder/server`, for a server on `port`, and returns the first admin's one-time link. */
export async function initOrg(folder, port) {
  const { name, email } = PEOPLE.admin;
  const said = await serverCommand(
    folder, 'init', '--org', ORG, '--admin-name', name, '--admin-email', email, '--url', urlOf(port));
  return said.match(/http\S+\/welcome\/\S+/)[0];
}

/**
 * An organisation with a running server, its people signed in, a client and its contact. `agent: true` also gives it an
 * endpoint with a running agent. Returns `{ folder, server, url, admin, technician, contact, director, client }` and with
 * an agent `agent` and `endpoint`.
 */
export async function startOrg(t, folder, { hosts = '', agent = false, env = {} } = {}) {
  const port = await freePort();
  const link = await initOrg(folder, port);
  const server = await startServer(t, folder, { port, env });
  const { url } = server;
  const admin = await new Person(url, PEOPLE.admin).redeem(link);
  const technician = await admin.bring(PEOPLE.technician, ['technician']);
  const contact = await admin.bring(PEOPLE.contact, ['approver']);
  const director = await admin.bring(PEOPLE.director, ['director']);
  const client = await addClient(admin, { name: CLIENT, tags: 'pci', hosts, contacts: [contact] });
  const org = { folder, server, url, admin, technician, contact, director, client };
  if (agent) {
    org.agent = await addAgent(t, org, { folder, client, name: ENDPOINT });
    org.endpoint = await readyEndpoint(admin, ENDPOINT);
  }
  return org;
}

/** Adds a client and names its contacts; returns its id. */
export async function addClient(admin, { name, tags = '', hosts = '', contacts = [] }) {
  await admin.call('create_client', { name, tags, hosts });
  const { id } = (await admin.call('list_clients')).find((c) => c.name === name);
  const people = await admin.call('list_people');
  const ids = contacts.map(({ email }) => people.find((p) => p.email === email).id);
  await admin.call('set_contacts', { client: id, contacts: ids });
  return id;
}

/** A one-time enrolment token for `client`. */
export async function enrolmentToken(admin, client, name = CLIENT) {
  const { text } = await admin.call('create_token', { client, name });
  return text.match(/--token (\S+)/)[1];
}

/** Enrols an agent in `folder/agent` and starts it. */
export async function addAgent(t, { admin, url }, { folder, client, name }) {
  return startAgent(t, folder, { url, token: await enrolmentToken(admin, client), name });
}

/** The id of the endpoint `name`, once it is ready. */
export function readyEndpoint(admin, name) {
  return eventually(`${name} is ready`, async () => {
    const row = (await admin.call('list_endpoints')).find((e) => e.name === name);
    return row?.state === 'ready' && row.id;
  }, 30_000);
}

/** The action once it has ended, in whichever way. */
export function ended(person, session, action, limit = 30_000) {
  return eventually(`action ${action.number} ends`, async () => {
    const now = (await person.session(session)).actions.find((a) => a.id === action.id);
    return ['finished', 'refused'].includes(now?.state) && now;
  }, limit);
}

/** The text of an action's output, whole, as the record has it. */
export async function outputOf(person, session, number) {
  const { actions } = await person.session(session, String(number));
  return actions.find((a) => a.number === number).output.map((piece) => piece.text).join('');
}

/** The server's and the agent's data folders. */
export const dataFolders = (folder) => ({ server: join(folder, 'server'), agent: join(folder, 'agent') });
