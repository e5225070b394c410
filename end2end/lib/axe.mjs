// Accessibility by axe: anything serious or critical fails.

import axe from 'axe-core';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/**
 * Runs axe on the page as it is now, all of it or only these rules, and throws, naming rule, help and elements, if it finds something serious or critical.
 * axe needs script in the page: what a page without script shows is the same HTML, so check it with script on.
 * The script goes in over the debugger's connection, so it works under any Content-Security-Policy.
 */
export async function expectAccessible(page, what = page.url(), rules = undefined) {
  if (!page.scripted) throw new Error(`axe needs a page with script to check ${what}`);
  await page.evaluate(axe.source);
  const { violations, passes } = await page.evaluate(
    (runOnly) => window.axe.run(document, { runOnly, resultTypes: ['violations'] }),
    rules ? { type: 'rule', values: rules } : { type: 'tag', values: TAGS });
  if (!passes.length) throw new Error(`axe checked nothing on ${what}`);
  const bad = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  if (!bad.length) return;
  const lines = bad.map(({ id, impact, help, nodes }) =>
    `${impact} ${id}: ${help}\n${nodes.map(({ target, failureSummary }) => `    ${target.join(' ')}: ${failureSummary}`).join('\n')}`);
  throw new Error(`axe on ${what}:\n  ${lines.join('\n  ')}`);
}
