// Journeys beside a server at work: escalations as they come (J4), uploads (J5), a server that goes and comes back.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from './speech.mjs';

const calls = fileURLToPath(new URL('../../../tests/data/corpus/calls/', import.meta.url));
const recording = (id) => {
  const name = readdirSync(calls).find((each) => each.startsWith(`${id}.`));
  return { name, mimeType: 'audio/mpeg', buffer: readFileSync(calls + name) };
};
const escalationsOf = async (server) => (await (await fetch(`${server.url}/api/escalations?limit=200`)).json()).data;
const stereo = { channel_map: 'left=agent,right=customer', city_identifier: 'Kolkata', issue_category: 'Battery Swap Failure' };

export async function liveJourneys({ test, server, heading }) {
  await test('J4: an escalation from its alert to its end, by keyboard', {}, async (page) => {
    await page.goto(`${server.url}/escalations`);
    await page.getByText(/^Live/).waitFor();
    const id = await server.upload('c09_rude_agent', { ...stereo, agent_identifier: 'EMP-1004' });
    await page.locator('.hs-new').waitFor({ timeout: 2000 });
    await page.keyboard.press('n');
    const raised = (await escalationsOf(server)).find((each) => each.call_id === id);
    const row = page.locator(`.hs-escalation[data-id="${raised.id}"]`);
    await row.waitFor();
    // Rows by keys until it is the one beside the list.
    for (let i = 0; i < 20 && (await row.getAttribute('data-on')) !== 'true'; i += 1) await page.keyboard.press('k');
    assert.equal(await row.getAttribute('data-on'), 'true');
    await page.keyboard.press('a');
    await row.getByText('Acknowledged').waitFor();
    await page.locator('audio').waitFor({ state: 'attached' });
    await page.getByText('(H)').waitFor();
    await page.keyboard.press('h');
    await page.waitForFunction(() => !document.querySelector('audio').paused && document.querySelector('audio').currentTime > 0);
    await page.keyboard.press('h');
    await page.waitForFunction(() => document.querySelector('audio').paused);
    await page.keyboard.press('r');
    await page.keyboard.type('Called the customer back and apologised');
    await page.keyboard.press('Control+Enter');
    await row.getByText('Resolved').waitFor();
    const ended = (await escalationsOf(server)).find((each) => each.id === raised.id);
    assert.deepEqual([ended.state, ended.note], ['resolved', 'Called the customer back and apologised']);
  });

  await test('J4: of two supervisors one takes an escalation, the other is told', { ignore: /409/ }, async (page, context) => {
    const id = await server.upload('c05_privacy_otp', { ...stereo, agent_identifier: 'EMP-1002' });
    const raised = (await escalationsOf(server)).find((each) => each.call_id === id);
    const other = await context.newPage();
    const rows = [];
    for (const each of [page, other]) {
      // The second learns nothing by event, as when both press at the same moment.
      if (each === other) await each.route('**/api/events*', (route) => route.abort());
      await each.goto(`${server.url}/escalations?sel=${raised.id}`);
      const row = each.locator(`.hs-escalation[data-id="${raised.id}"]`);
      await row.getByText('Open', { exact: true }).waitFor();
      rows.push(row);
    }
    await page.bringToFront();
    await page.keyboard.press('a');
    await rows[0].getByText('Acknowledged').waitFor();
    await other.bringToFront();
    await other.keyboard.press('a');
    await rows[1].getByText('Acknowledged').waitFor();
    assert.equal((await escalationsOf(server)).find((each) => each.id === raised.id).state, 'acknowledged');
  });

  await test('J5: uploads are followed to their score; nothing is sent twice; the list stays', { ignore: /ERR_FAILED/ }, async (page) => {
    const before = (await (await fetch(`${server.url}/api/calls?count=true&limit=1`)).json()).count;
    await page.goto(`${server.url}/upload`);
    await heading(page, 'Upload');
    await page.getByLabel('Agent', { exact: true }).fill('Meera Joshi');
    await page.getByLabel('City', { exact: true }).fill('Pune');
    await page.getByLabel('Issue', { exact: true }).fill('Payment');
    await page.getByLabel('Channels').selectOption('left=agent,right=customer');
    const files = page.locator('input[type="file"][multiple]');
    // The first try of the recording is cut off on its way.
    let cut = 0;
    await page.route('**/ingest/call', (route) => { if (cut === 0) { cut += 1; return route.abort(); } return route.continue(); });
    expect('c02_no_greeting');
    await files.setInputFiles([recording('c02_no_greeting'), { name: 'empty.mp3', mimeType: 'audio/mpeg', buffer: Buffer.alloc(0) }, { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no sound') }]);
    const row = (name) => page.locator('tbody tr', { hasText: name });
    await row('empty.mp3').getByText('The file is empty.').waitFor();
    await row('notes.txt').getByText(/no recording of a kind/).waitFor();
    await row('c02_no_greeting').getByText(/Failed/).waitFor();
    await row('c02_no_greeting').getByRole('button', { name: 'Try again' }).click();
    await row('c02_no_greeting').getByText(/Transcribing|Evaluating|Score/).waitFor();
    await page.getByRole('link', { name: 'Calls', exact: true }).click();
    await heading(page, 'Calls');
    await page.goBack();
    await row('c02_no_greeting').getByText(/Score \d+ %/).waitFor({ timeout: 30_000 });
    await files.setInputFiles([recording('c02_no_greeting')]); // the same file again is the same row
    await page.reload();
    await row('c02_no_greeting').getByText(/Score \d+ %/).waitFor();
    assert.equal(await row('c02_no_greeting').count(), 1);
    const after = (await (await fetch(`${server.url}/api/calls?count=true&limit=1`)).json()).count;
    assert.equal(after - before, 1);
  });

  await test('J5: a list tells who each recording is of, after unknown names are settled', {}, async (page) => {
    await page.goto(`${server.url}/upload`);
    await heading(page, 'Upload');
    const list = 'file,agent,city,issue,channels\nc07_no_verification.mp3,EMP-1002,Bombay City,Payment,"left=agent,right=customer"\n';
    await page.locator('input[accept*="csv"]').setInputFiles({ name: 'list.csv', mimeType: 'text/csv', buffer: Buffer.from(list) });
    const files = page.locator('input[type="file"][multiple]');
    assert.equal(await files.isDisabled(), true, 'nothing is sent before every name is known');
    await page.getByLabel('City “Bombay City”').selectOption({ label: 'Mumbai' });
    expect('c07_no_verification');
    await files.setInputFiles([{ ...recording('c07_no_verification'), name: 'c07_no_verification.mp3' }]);
    const row = page.locator('tbody tr', { hasText: 'c07_no_verification' });
    await row.getByText(/Score \d+ %/).waitFor({ timeout: 30_000 });
    await row.getByRole('link').click();
    await heading(page, /Call with Rohan Mehta/);
    await page.getByRole('link', { name: 'Mumbai' }).waitFor();
  });

  await test('two evaluations of a call stand beside each other', {}, async (page) => {
    const { data } = await (await fetch(`${server.url}/api/calls?limit=1&status=analyzed`)).json();
    const id = data[0].call_id;
    const evaluations = async () => (await (await fetch(`${server.url}/api/calls/${id}/evaluations`)).json()).data;
    await page.goto(`${server.url}/calls/${id}`);
    await page.getByRole('button', { name: 'Process again' }).click();
    await page.getByRole('button', { name: '2 evaluations' }).click({ timeout: 30_000 });
    const older = (await evaluations()).find((each) => !each.current);
    await page.getByRole('menuitem').last().click();
    await page.waitForURL(new RegExp(`against=${older.id}`));
    await page.getByText('No verdict differs.').waitFor();
    await page.getByRole('button', { name: 'Close', exact: true }).click();
    await page.waitForURL((url) => !url.searchParams.has('against'));
  });

  await test('the server goes and comes back: the page says so, recovers and is live again', { ignore: /ERR_|Failed to load|Unreachable/ }, async (page) => {
    await page.goto(server.url);
    await heading(page, 'India risk map');
    await page.getByText(/^Live/).waitFor();
    await server.stop();
    await page.getByText(/^(Reconnecting|Offline)/).waitFor();
    await page.getByRole('link', { name: 'Leaderboard' }).first().click();
    await page.getByText('The server cannot be reached').waitFor();
    await server.start();
    await page.getByText(/^Live/).waitFor({ timeout: 35_000 });
    // Reads that failed are made again by themselves.
    await page.getByText('The server cannot be reached').waitFor({ state: 'detached' });
    await page.locator('table').first().waitFor();
  });
}
