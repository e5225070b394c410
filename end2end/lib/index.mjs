// What a journey imports: `import { test, startServer, openBrowser, … } from '../lib/index.mjs'`.

export { expectAccessible } from './axe.mjs';
export { openBrowser } from './browser.mjs';
export { onEnd, storyteller, suite } from './cleanup.mjs';
export { paths } from './paths.mjs';
export { csvRows, parseCsv } from './csv.mjs';
export { databaseFile, dropGuards, quoted, sql, sqlAtOnce } from './database.mjs';
export { startMailServer } from './mail.mjs';
export * from './org.mjs';
export * from './pages.mjs';
export { CallError, Person } from './person.mjs';
export { finish, start, run } from './process.mjs';
export { screenshots } from './screens.mjs';
export { enrolAgent, startAgent } from './agent.mjs';
export { serverCommand, startServer, urlOf, verifyRecord } from './server.mjs';
export { makeSilentHost } from './silence.mjs';
export { makeService } from './service.mjs';
export { enrolWindowsAgent, makeWindowsService, setRegistryValue, startWindowsAgent } from './wine.mjs';
export { eventually, freePort, scratch } from './wait.mjs';
