// The server's database as somebody sees it who has the file: nothing of the product stands between.

import { join } from 'node:path';
import { finish } from './process.mjs';

const PYTHON = `
import json, sqlite3, sys
db = sqlite3.connect(sys.argv[1], timeout=10)
db.row_factory = sqlite3.Row
if len(sys.argv) > 3:
    db.executescript(sys.argv[2])
    rows = []
else:
    rows = [dict(r) for r in db.execute(sys.argv[2]).fetchall()]
db.commit()
print(json.dumps(rows))
`;

/** A text as a literal of SQL. */
export const quoted = (text) => `'${String(text).replaceAll("'", "''")}'`;

/** The database below `folder/server`. */
export const databaseFile = (folder) => join(folder, 'server', 'countersign.db');

/** Runs one SQL statement and returns its rows as objects; texts and numbers only. */
export const sql = (folder, statement) => run(folder, statement);

/** Runs statements in one transaction: a server that runs meanwhile writes nothing in between. */
export const sqlAtOnce = (folder, statements) => run(folder, ['BEGIN IMMEDIATE', ...statements, 'COMMIT'].join(';\n'), 'script');

async function run(folder, statement, ...script) {
  const file = databaseFile(folder);
  const ways = [
    ['sqlite3', ['-json', '-bail', '-cmd', '.timeout 10000', file, statement]],
    ['python3', ['-c', PYTHON, file, statement, ...script]],
  ];
  for (const [program, args] of ways) {
    const done = await finish(program, program, args);
    if (done.error?.code === 'ENOENT') continue;
    if (done.code !== 0) throw new Error(`${program} on ${statement}: ${done.output}`);
    return done.output.trim() ? JSON.parse(done.output) : [];
  }
  throw new Error('neither sqlite3 nor python3 is there: install the package sqlite3, which plays the attacker on the database');
}

/** Takes the record's guards away, as an attacker with the file would first. */
export async function dropGuards(folder) {
  for (const { name } of await sql(folder, "SELECT name FROM sqlite_master WHERE type = 'trigger'")) {
    await sql(folder, `DROP TRIGGER "${name}"`);
  }
}
