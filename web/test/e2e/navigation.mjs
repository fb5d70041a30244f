// Addresses, Back and Forward, and the journeys without a pointer.
import assert from 'node:assert/strict';

export async function navigationJourneys({ test, server, heading, ids, meera }) {
  await test('Back and Forward bring filters, rows and pages back', {}, async (page) => {
    await page.goto(`${server.url}/calls`);
    await heading(page, 'Calls');
    await page.getByLabel('Escalation').selectOption('true');
    await page.waitForURL(/flagged=true/);
    await page.locator('tbody tr').first().waitFor();
    const flagged = await page.locator('tbody tr').count();
    await page.locator('tbody tr a').first().click();
    await heading(page, /Call with/);
    await page.goBack();
    await page.waitForURL(/calls\?flagged=true/);
    await page.getByRole('button', { name: /Remove filter Escalation/ }).waitFor();
    assert.equal(await page.locator('tbody tr').count(), flagged);
    await page.goBack();
    await page.waitForURL(`${server.url}/calls`);
    assert.equal(await page.getByRole('button', { name: /Remove filter/ }).count(), 0);
    await page.goForward();
    await page.goForward();
    await heading(page, /Call with/);
  });

  await test('typing leaves one entry behind, not one a letter', {}, async (page) => {
    await page.goto(server.url);
    await heading(page, 'India risk map');
    await page.getByRole('link', { name: 'Calls', exact: true }).click();
    await page.getByLabel('Words in the call').pressSequentially('swap', { delay: 60 });
    await page.waitForURL(/q=swap/);
    await page.goBack();
    await heading(page, 'India risk map');
  });

  await test('deep links open cold: filters, selection, second and question', { ignore: /404/ }, async (page) => {
    await page.goto(`${server.url}/?metric=volume&sel=MH&period=7d`);
    await page.locator('.hs-rank-row[data-key="MH"][data-selected="true"]').waitFor();
    assert.equal(await page.getByRole('radio', { name: '7 days' }).getAttribute('aria-checked'), 'true');
    await page.goto(`${server.url}/calls?agent_id=${meera}&sort=overall_quality`);
    await page.getByRole('button', { name: /Remove filter Agent: Meera Joshi/ }).waitFor();
    await page.locator('th[aria-sort="ascending"]').waitFor();
    const { answers } = await (await fetch(`${server.url}/api/calls/${ids.disclosure}`)).json();
    const missed = answers.find((answer) => answer.state === 'fail' && answer.evidence.length > 0);
    const t = Math.round(missed.evidence[0].start_time * 1000);
    await page.goto(`${server.url}/calls/${ids.disclosure}?t=${t}&rule=${missed.question_id}`);
    await page.locator(`.hs-check[data-rule="${missed.question_id}"][data-on="true"]`).waitFor();
    await page.waitForFunction((seconds) => Math.abs((document.querySelector('audio')?.currentTime ?? -9) - seconds) < 0.2, Math.max(0, t / 1000 - 1));
    await page.goto(`${server.url}/calls/01a00000-0000-7000-8000-000000000000`).catch(() => undefined);
    await heading(page, 'No such call');
  });

  await test('without a pointer: the riskiest place, an agent, a deviation and its sound', {}, async (page) => {
    const tabTo = async (selector) => {
      for (let i = 0; i < 80; i += 1) {
        await page.keyboard.press('Tab');
        if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return;
      }
      assert.fail(`Tab never comes to ${selector}`);
    };
    await page.goto(`${server.url}/?metric=volume`);
    await page.locator('.hs-rank-row').first().waitFor();
    await tabTo('.hs-rank-row');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/states\//);
    await page.waitForFunction(() => document.activeElement?.tagName === 'H1');
    await page.keyboard.press('g');
    await page.keyboard.press('l');
    await heading(page, 'Leaderboard');
    await page.locator('tbody tr', { hasText: 'Meera Joshi' }).waitFor();
    for (let i = 0; i < 20; i += 1) {
      await page.keyboard.press('j');
      if (await page.evaluate(() => document.activeElement?.textContent?.includes('Meera Joshi') ?? false)) break;
    }
    await page.keyboard.press('Enter');
    await heading(page, 'Meera Joshi');
    await page.locator('a.hs-chip').first().waitFor();
    await tabTo('a.hs-chip[href*="t="]');
    await page.keyboard.press('Enter');
    await heading(page, /Call with Meera Joshi/);
    await page.locator('audio').waitFor({ state: 'attached' });
    await page.keyboard.press('k');
    await page.waitForFunction(() => !document.querySelector('audio').paused);
    await page.keyboard.press('n');
    await page.waitForURL(/rule=/);
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });
}
