// Figures by question (J2), the headline, and jobs.
import assert from 'node:assert/strict';

export async function figureJourneys({ test, server, heading, ids, meera }) {
  const json = async (path) => (await fetch(server.url + path)).json();

  await test('J2: from the leaderboard to the rule that fell in one click, to its calls in two, to the sound in two more', {}, async (page) => {
    const { data } = await json(`/api/dashboard/rules?agent_id=${meera}`);
    const fallen = data.find((rule) => rule.change > 0);
    assert.ok(fallen, 'a question is missed more often than in the days before');
    await page.goto(`${server.url}/leaderboard`);
    await page.locator('tbody tr', { hasText: 'Meera Joshi' }).getByRole('link').click();
    await heading(page, 'Meera Joshi');
    const panel = page.getByRole('region', { name: 'What changed' });
    const row = panel.locator('tbody tr', { hasText: fallen.title });
    await row.getByText('may be chance').waitFor(); // so few calls prove nothing
    await row.getByText(`(${fallen.missed} of ${fallen.n})`).waitFor();
    await row.getByRole('link', { name: fallen.title, exact: true }).click();
    await page.waitForURL((url) => url.pathname === '/calls' && url.searchParams.get('rule') === fallen.rule_id && url.searchParams.get('agent_id') === meera);
    await heading(page, 'Calls'); // until then the agent's page stands there, with links of its own
    await page.locator(`tbody a[href^="/calls/${ids.disclosure}"]`).waitFor();
    await page.goBack();
    await heading(page, 'Meera Joshi');
    await row.getByRole('link', { name: /Hear the newest/ }).click();
    await page.waitForURL(new RegExp(`/calls/.*rule=${fallen.rule_id}`));
    await page.locator(`.hs-check[data-rule="${fallen.rule_id}"][data-on="true"]`).waitFor();
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    await page.waitForFunction(() => document.querySelector('audio').currentTime > 0 && !document.querySelector('audio').paused);
  });

  await test('every question is told on demand, and a place names those missed most', {}, async (page) => {
    await page.goto(`${server.url}/agents/${meera}`);
    const panel = page.getByRole('region', { name: 'What changed' });
    const { data } = await json(`/api/dashboard/rules?agent_id=${meera}`);
    const answered = data.filter((rule) => rule.n + rule.previous.n > 0);
    await panel.getByRole('button', { name: `All ${answered.length} questions` }).click();
    await panel.locator('tbody tr').nth(answered.length - 1).waitFor();
    assert.equal(await panel.locator('tbody tr').count(), answered.length);
    const places = await json('/api/dashboard/rules?state=Maharashtra');
    await page.goto(`${server.url}/states/MH`);
    const most = page.getByRole('region', { name: 'Questions missed most' });
    await most.locator('tbody tr').first().waitFor();
    assert.match(await most.locator('tbody tr').first().innerText(), new RegExp(places.data.find((rule) => rule.missed > 0).title));
  });

  await test('the headline of the map is what the server sums, with the days before', {}, async (page) => {
    const { current, previous } = await json('/api/dashboard/summary');
    await page.goto(server.url);
    await heading(page, 'India risk map');
    const calls = page.locator('.hs-stat').first();
    await calls.getByText(String(current.calls), { exact: true }).waitFor();
    await calls.getByText(`+${current.calls - previous.calls}`).waitFor();
    await calls.getByText('vs previous 30 days').waitFor();
  });

  await test('the figure of the map is drawn over its days, and told as a table', {}, async (page) => {
    const from = new Date(Date.now() - 85 * 86_400_000).toISOString().slice(0, 10);
    const { series } = await json(`/api/dashboard/trends?metric=sop&interval=day&from=${from}`);
    const points = series[0].points;
    assert.ok(points.length > 1, 'days with calls');
    await page.goto(`${server.url}/?period=90d`);
    const panel = page.getByRole('region', { name: 'SOP score by day' });
    await panel.getByRole('img', { name: `SOP score: ${Math.round(points[0].value * 100)} %` }).waitFor();
    await panel.getByRole('button', { name: 'Show as table' }).click();
    await panel.locator('tbody tr').nth(points.length - 1).getByText(`n = ${points.at(-1).n}`).waitFor();
    assert.equal(await panel.locator('tbody tr').count(), points.length);
  });

  await test('jobs: queues and their pace, what is done, by kind and by call', {}, async (page) => {
    await page.goto(`${server.url}/jobs`);
    await heading(page, 'Jobs');
    const { data: queues } = await json('/api/queues');
    assert.ok(queues.length > 0);
    const table = page.getByRole('region', { name: 'Queues' });
    for (const queue of queues) await table.getByText(queue.queue.replaceAll('_', ' '), { exact: true }).waitFor();
    await page.getByRole('radio', { name: 'Done', exact: true }).click();
    await page.waitForURL(/state=done/);
    const { data: done } = await json('/api/jobs?state=done');
    const kind = done[0].kind.replaceAll('_', ' ');
    await page.getByRole('button', { name: kind, exact: true }).first().click();
    await page.waitForURL(new RegExp(`kind=${done[0].kind}`));
    await page.getByRole('button', { name: `Remove filter Kind: ${kind}` }).click();
    await page.waitForURL((url) => !url.searchParams.has('kind'));
    await page.getByRole('radio', { name: 'Dead', exact: true }).click();
    await page.getByText('Nothing was given up').waitFor();
  });
}
