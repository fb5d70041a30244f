// Where words were said, and from there to the second.
import assert from 'node:assert/strict';

export async function searchJourneys({ test, server, heading }) {
  const json = async (path) => (await fetch(server.url + path)).json();

  await test('search: words from the header to the turns that hold them, and to the second of the call', {}, async (page) => {
    const { data } = await json('/api/search?q=thank');
    const call = data.find((each) => each.turns.length > 0);
    assert.ok(call, 'somebody says thanks in a bundled call');
    const turn = call.turns[0];
    const said = Array.from(turn.text).slice(turn.highlights[0].from, turn.highlights[0].to).join('');
    await page.goto(server.url);
    await heading(page, 'India risk map');
    await page.keyboard.press('/');
    await page.getByRole('combobox').fill('thank');
    await page.getByRole('option', { name: 'Where “thank” was said' }).click();
    await heading(page, 'Search');
    assert.equal(new URL(page.url()).searchParams.get('q'), 'thank');
    const results = page.getByRole('list', { name: 'Results' });
    const link = results.locator(`a[href^="/calls/${call.call_id}?"]`, { has: page.locator('mark') }).first();
    assert.equal(await link.locator('mark').first().innerText(), said);
    await link.click();
    await heading(page, /^Call with/);
    assert.equal(new URL(page.url()).searchParams.get('t'), String(Math.round(turn.start_time * 1000)));
    await page.waitForFunction((seconds) => Math.abs((document.querySelector('audio')?.currentTime ?? 0) - Math.max(0, seconds - 1)) < 0.2, turn.start_time);
    assert.equal(await page.getByLabel('Find in transcript').inputValue(), said);
    await page.goBack();
    await heading(page, 'Search');
    await page.getByRole('radio', { name: 'Customer', exact: true }).click();
    await page.waitForURL(/speaker=customer/);
    const { data: customers } = await json('/api/search?q=thank&speaker=customer');
    const marked = customers.filter((each) => Date.parse(each.call_timestamp) > Date.now() - 20 * 86_400_000).reduce((sum, each) => sum + each.turns.length, 0);
    await page.waitForFunction((count) => document.querySelectorAll('.hs-found-turn').length === count, marked);
    await page.getByLabel('Words in calls').fill('zeppelin');
    await page.getByText('Nobody said this in these days').waitFor();
  });
}
