// What a journey imports: `import { test, startServer, openBrowser, … } from '../lib/index.mjs'`.

export { expectAccessible } from './axe.mjs';
export { openBrowser } from './browser.mjs';
export { onEnd, suite } from './cleanup.mjs';
export { paths } from './paths.mjs';
export { start, run } from './process.mjs';
export { screenshots } from './screens.mjs';
export { enrolAgent, startAgent } from './agent.mjs';
export { serverCommand, startServer } from './server.mjs';
export { eventually, freePort, scratch } from './wait.mjs';
