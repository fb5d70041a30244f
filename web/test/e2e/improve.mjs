// What is done about calls: reviews, coaching, and the settings.
import assert from 'node:assert/strict';

export async function improveJourneys({ test, server, heading, ids, meera }) {
  const detail = async (id) => (await fetch(`${server.url}/api/calls/${id}`)).json();

  await test('J3: calls that missed a question open at its quote: two clicks to the sound', {}, async (page) => {
    const { answers } = await detail(ids.disclosure);
    const missed = answers.find((answer) => answer.state === 'fail' && answer.evidence[0]?.start_time > 2);
    await page.goto(`${server.url}/calls?rule=${missed.question_id}`);
    await page.locator('tbody tr', { hasText: 'Meera Joshi' }).getByRole('link').first().click();
    await heading(page, /Call with Meera Joshi/);
    await page.locator(`.hs-check[data-rule="${missed.question_id}"][data-on="true"]`).waitFor();
    const start = missed.evidence[0].start_time - 1;
    await page.waitForFunction((seconds) => Math.abs((document.querySelector('audio')?.currentTime ?? -9) - seconds) < 0.2, start);
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    await page.waitForFunction((seconds) => document.querySelector('audio').currentTime > seconds, start, { polling: 20 });
  });

  await test('reviews: the next is taken by a key, remarked on, and the queue goes on', {}, async (page) => {
    await page.goto(`${server.url}/reviews`);
    await heading(page, 'Reviews');
    await page.locator('tbody tr').nth(1).waitFor();
    const waiting = await page.locator('tbody tr').count();
    await page.keyboard.press('n');
    await page.waitForURL(/\/calls\/.*queue=review/);
    const first = new URL(page.url()).pathname;
    await page.getByText(`Review: ${waiting} calls wait`).waitFor();
    await page.getByLabel('Remark (Ctrl+Enter sends)').fill('Ask for the name before the number.');
    await page.keyboard.press('Control+Enter');
    await page.getByText(`Review: ${waiting - 1} call`).waitFor();
    await page.getByRole('button', { name: 'Next in the queue' }).click();
    await page.waitForURL((url) => url.pathname !== first);
    assert.match(page.url(), /queue=review/);
    // The last one is left as it is: back to the queue, where it still waits.
    for (let i = 0; i < waiting - 1; i += 1) {
      const here = page.url();
      await page.getByRole('button', { name: 'Next in the queue' }).click();
      await page.waitForURL((url) => url.href !== here);
    }
    await heading(page, 'Reviews');
    await page.getByText(`${waiting - 1} waiting, 1 reviewed`).waitFor();
    await page.getByRole('link', { name: 'Take next' }).waitFor();
    await page.getByRole('radio', { name: 'Reviewed' }).click();
    await page.waitForURL(/status=done/);
    await page.locator(`tbody a[href^="${first}"]`).waitFor();
  });

  await test('coaching: an agent, what to train, the call to hear and what was remarked', {}, async (page) => {
    await fetch(`${server.url}/api/calls/${ids.disclosure}/remarks`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ text: 'Never name another customer.' }) });
    await page.goto(`${server.url}/coaching`);
    await page.getByRole('button', { name: /Meera Joshi/ }).click();
    await page.waitForURL(new RegExp(`sel=${meera}`));
    const figures = await (await fetch(`${server.url}/api/agent-performance/${meera}`)).json();
    assert.ok(figures.coaching_insights.length > 0);
    await page.getByText(figures.coaching_insights[0]).waitFor();
    await page.getByText('Never name another customer.').waitFor();
    await page.locator('section', { hasText: 'Calls to hear together' }).locator('tbody a').first().click();
    await heading(page, /Call with Meera Joshi/);
    await page.goBack();
    await page.getByRole('heading', { level: 2, name: 'Meera Joshi' }).waitFor();
  });

  await test('settings: this browser keeps its choices, the server says what it is', {}, async (page) => {
    await page.goto(`${server.url}/settings`);
    await heading(page, 'Settings');
    const { version } = await (await fetch(`${server.url}/version`)).json();
    await page.getByText(`hacksmart ${version}`).waitFor();
    await page.getByText('ready for work').waitFor();
    await page.getByRole('radio', { name: 'Compact' }).click();
    await page.getByRole('radio', { name: 'हिन्दी' }).click();
    await heading(page, 'सेटिंग्स');
    await page.reload();
    await heading(page, 'सेटिंग्स');
    assert.deepEqual(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dataset.hsDensity]), ['hi', 'compact']);
    await page.getByRole('radio', { name: 'English' }).click();
    await heading(page, 'Settings');
  });
}
