// Journeys of the dashboard in a real browser against the real program.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { figureJourneys } from './figures.mjs';
import { improveJourneys } from './improve.mjs';
import { liveJourneys } from './live.mjs';
import { navigationJourneys } from './navigation.mjs';
import { searchJourneys } from './search.mjs';
import { startServer } from './server.mjs';
import { versionJourneys } from './versions.mjs';

const browserPath = process.env.CHROMIUM ?? '/usr/bin/chromium';
if (!existsSync(browserPath)) {
  console.log(`skipped: no browser at ${browserPath} (apt-get install chromium)`);
  process.exit(0);
}
const pictures = process.argv.includes('--pictures');
const pictureFolder = fileURLToPath(new URL('../../dist-pictures', import.meta.url));
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--mute-audio'];

const server = await startServer();
const daysAgo = (days) => new Date(Date.now() - days * 86_400_000).toISOString();
// A good call of the days before, so that its agent has fallen since.
await server.upload('c01_perfect_swap', { agent_identifier: 'EMP-1003', city_identifier: 'Mumbai', issue_category: 'Battery Swap Failure', channel_map: 'left=agent,right=customer', call_timestamp: daysAgo(40) });
const ids = {
  disclosure: await server.upload('c18_disclosure', { agent_identifier: 'EMP-1003', city_identifier: 'Mumbai', issue_category: 'Account Access', channel_map: 'left=agent,right=customer' }),
  good: await server.upload('c01_perfect_swap', { agent_identifier: 'EMP-1001', city_identifier: 'New Delhi', issue_category: 'Battery Swap Failure', channel_map: 'left=agent,right=customer' }),
};
const agents = (await (await fetch(`${server.url}/config/agents`)).json()).data;
const meera = agents.find((agent) => agent.employee_id === 'EMP-1003').id;
const browser = await chromium.launch({ executablePath: browserPath, args: flags });
let failed = 0;
let passed = 0;

const only = new RegExp(process.env.HS_E2E_ONLY ?? '');

/** A page of its own; afterwards: no error on the console, no violation of the policy, no request elsewhere. */
async function test(name, { ignore, ...options }, run) {
  if (!only.test(name)) return;
  const context = await browser.newContext({ viewport: { width: 1366, height: 900 }, reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  const trouble = [];
  page.on('console', (message) => { if (message.type() === 'error' && !ignore?.test(message.text())) trouble.push(message.text()); });
  page.on('pageerror', (error) => { if (!ignore?.test(String(error))) trouble.push(String(error)); });
  page.on('request', (request) => { if (!request.url().startsWith(server.url) && !request.url().startsWith('data:') && !request.url().startsWith('blob:')) trouble.push(`asked ${request.url()}`); });
  try {
    await run(page, context);
    assert.deepEqual(trouble, []);
    passed += 1;
    console.log(`ok      ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}\n        ${String(error?.stack ?? error).split('\n').slice(0, 6).join('\n        ')}`);
  }
  await context.close();
}

const heading = (page, text) => page.getByRole('heading', { level: 1, name: text }).waitFor();
const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

/** axe in an isolated world of the page, so that the policy stays on. */
async function seriousFindings(page) {
  const session = await page.context().newCDPSession(page);
  const { frameTree } = await session.send('Page.getFrameTree');
  const { executionContextId } = await session.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id });
  const evaluate = async (expression) => {
    const { result, exceptionDetails } = await session.send('Runtime.evaluate', { expression, contextId: executionContextId, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  };
  await evaluate(axeSource);
  return evaluate(`axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }).then((found) => found.violations.filter((each) => ['serious', 'critical'].includes(each.impact)).map((each) => each.id + ': ' + each.nodes.slice(0, 3).map((node) => node.target.join(' ')).join(', ')))`);
}

await test('J1: the riskiest place is named, two clicks to its calls', {}, async (page) => {
  await page.goto(`${server.url}/?metric=volume`);
  await heading(page, 'India risk map');
  const first = page.locator('.hs-rank-row').first();
  await first.waitFor();
  assert.match(await first.innerText(), /1/);
  await first.getByRole('link').click();
  await heading(page, /Delhi|Maharashtra/);
  await page.getByRole('link', { name: /Mumbai|New Delhi/ }).first().click();
  await heading(page, /Mumbai|New Delhi/);
  await page.goBack();
  await heading(page, /Delhi|Maharashtra/);
});

await test('J3: from the agent to the sound of a deviation in two clicks', {}, async (page) => {
  await page.goto(`${server.url}/agents/${meera}`);
  await heading(page, 'Meera Joshi');
  const chip = page.locator('a.hs-chip', { hasText: 'third party disclosure' });
  await chip.click();
  await heading(page, /Call with Meera Joshi/);
  assert.match(page.url(), new RegExp(`/calls/${ids.disclosure}\\?t=\\d+`));
  const at = Number(new URL(page.url()).searchParams.get('t')) / 1000;
  const audio = page.locator('audio');
  await audio.waitFor({ state: 'attached' });
  await page.waitForFunction((seconds) => Math.abs((document.querySelector('audio')?.currentTime ?? 0) - (seconds - 1)) < 0.2, at);
  assert.equal(await audio.evaluate((element) => element.paused), true, 'a link never plays by itself');
  const clicked = Date.now();
  await page.getByRole('button', { name: 'Play', exact: true }).click();
  await page.waitForFunction((seconds) => document.querySelector('audio').currentTime > seconds - 1, at, { polling: 20 });
  const soundAfter = Date.now() - clicked;
  console.log(`        sound after ${soundAfter} ms`);
  assert.ok(soundAfter < 3000);
});

await test('J3: a quote on the call page seeks, plays, marks and is announced', {}, async (page) => {
  await page.goto(`${server.url}/calls/${ids.disclosure}`);
  const row = page.locator('.hs-check[data-verdict="missed"]').first();
  await row.getByRole('button').first().click();
  await page.waitForFunction(() => document.querySelector('audio').currentTime > 0 || !document.querySelector('audio').paused);
  await page.waitForURL(/rule=/);
  assert.match(await page.locator('.hs-call > [role="status"]').innerText(), /^Missed: /);
  await page.locator('.hs-mark[data-on="true"]').first().waitFor();
  await page.keyboard.press('k');
  await page.waitForFunction(() => document.querySelector('audio').paused);
});

await test('bad parameters are dropped from the address', {}, async (page) => {
  await page.goto(`${server.url}/calls?period=30d&agent_id=7&nonsense=1&flagged=true`);
  await heading(page, 'Calls');
  await page.waitForURL(`${server.url}/calls?flagged=true`);
});

const routes = { map: '/', state: '/states/MH', leaderboard: '/leaderboard', agent: `/agents/${meera}`, calls: '/calls', call: `/calls/${ids.disclosure}`, search: '/search?q=thank', escalations: '/escalations', reviews: '/reviews', review: `/calls/${ids.good}?queue=review`, coaching: `/coaching?sel=${meera}`, scorecards: '/scorecards', version: '/scorecards/battery-swap-support/versions/1', edit: '/scorecards/battery-swap-support/versions/1?tab=edit', tried: `/scorecards/battery-swap-support/versions/1?tab=try&call=${ids.disclosure}`, runs: '/evaluations?scorecard=battery-swap-support', upload: '/upload', jobs: '/jobs', settings: '/settings' };
for (const scheme of ['light', 'dark']) {
  for (const width of [1366, 390]) {
    await test(`axe and width: every page, ${scheme}, ${width} px`, { colorScheme: scheme, viewport: { width, height: width === 390 ? 844 : 900 }, hasTouch: width === 390 }, async (page) => {
      const found = [];
      for (const [name, path] of Object.entries(routes)) {
        await page.goto(server.url + path);
        await page.locator('h1').waitFor();
        await page.waitForLoadState('load');
        await page.waitForTimeout(700); // until skeletons have given way; nothing is awaited that tests rely on
        found.push(...(await seriousFindings(page)).map((each) => `${name}: ${each}`));
        const wide = await overflow(page);
        if (wide > 0) found.push(`${name}: ${wide} px too wide`);
        if (pictures) {
          mkdirSync(pictureFolder, { recursive: true });
          await page.screenshot({ path: `${pictureFolder}/${name}-${scheme}-${width}.png` });
        }
      }
      assert.deepEqual(found, []);
    });
  }
}

await navigationJourneys({ test, server, heading, ids, meera });
await figureJourneys({ test, server, heading, ids, meera });
await searchJourneys({ test, server, heading });
await improveJourneys({ test, server, heading, ids, meera });
await liveJourneys({ test, server, heading });
await versionJourneys({ test, server, heading, ids });

await browser.close();
await server.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
