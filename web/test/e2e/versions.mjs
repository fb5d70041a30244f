// Scorecards and evaluation runs: read, written anew, tried, put in force; past calls judged again.
import assert from 'node:assert/strict';

// The text of a scorecard is long and its own tests run with every check; a build without optimization takes its time.
const slowly = { timeout: 90_000 };

export async function versionJourneys({ test, server, heading, ids }) {
  const json = async (path) => (await fetch(server.url + path)).json();
  const { data: cards } = await json('/api/scorecards');
  const card = cards.find((each) => each.active_version !== null);

  await test('scorecards: a wrong text is refused with its place, a right one becomes the next version', {}, async (page) => {
    await page.goto(`${server.url}/scorecards`);
    await page.getByRole('link', { name: `Version ${card.active_version}` }).first().click();
    await page.waitForURL(new RegExp(`/scorecards/${card.key}/versions/${card.active_version}$`));
    await page.getByText('In force').first().waitFor();
    await page.getByRole('radio', { name: 'New version' }).click();
    const field = page.getByLabel(`Text of version ${card.newest_version + 1}`);
    await page.getByText(/Nothing is wrong|line \d+|W\d\d/).first().waitFor(slowly);
    const sound = await field.inputValue();
    assert.match(sound, new RegExp(`version: ${card.newest_version + 1}\\b`));
    // Written as a person writes: a browser takes half a minute to replace a text of this size at one go.
    await field.evaluate((element) => { const at = element.value.indexOf('scorecard:\n') + 'scorecard:\n'.length; element.focus(); element.setSelectionRange(at, at); });
    await page.keyboard.type('  colour: red\n');
    await page.getByText('unknown field "colour"').waitFor(slowly);
    const store = page.getByRole('button', { name: `Store as version ${card.newest_version + 1}` });
    assert.equal(await store.isDisabled(), true);
    await page.reload(); // what is not stored stays
    assert.match(await field.inputValue(), /colour: red/);
    await page.getByRole('button', { name: 'Discard changes' }).click();
    assert.equal(await field.inputValue(), sound);
    await page.getByLabel('Why this version?').fill('As before, to be tried');
    await page.waitForFunction(() => !document.querySelector('form button[type="submit"]').disabled, undefined, slowly);
    await store.click();
    await page.waitForURL(new RegExp(`/versions/${card.newest_version + 1}$`));
    await page.getByText('As before, to be tried').waitFor();
    await page.getByText('Draft').first().waitFor();
    await page.getByRole('radio', { name: 'What changed' }).click();
    await page.locator('.hs-diff li[data-change="added"]', { hasText: `version: ${card.newest_version + 1}` }).waitFor();
  });

  await test('scorecards: a version is tried on a call, and put in force', {}, async (page) => {
    const next = card.newest_version + 1;
    await page.goto(`${server.url}/scorecards/${card.key}/versions/${next}?tab=try&call=${ids.disclosure}`);
    await page.getByText(/Nothing would change|answers? would change/).waitFor(slowly);
    await page.locator('tbody tr .hs-verdict').first().waitFor();
    await page.getByRole('button', { name: 'Put in force' }).click();
    await page.getByRole('button', { name: `Put version ${next} in force` }).click();
    await page.getByText(`Version ${next} is in force`).waitFor();
    assert.equal((await json(`/api/scorecards/${card.key}`)).active_version, next);
    await page.goto(`${server.url}/scorecards/${card.key}`);
    await page.getByRole('button', { name: 'Take out of force' }).click();
    await page.getByRole('group', { name: 'Take out of force' }).getByRole('button', { name: 'Take out of force' }).click();
    await page.getByText('Taken out of force').waitFor();
  });

  await test('evaluations: counted first, judged, compared, and made current by its name', {}, async (page) => {
    await page.goto(`${server.url}/evaluations?scorecard=${card.key}&version=${card.newest_version + 1}`);
    await page.getByLabel('Name (optional)').fill('Second look');
    await page.getByRole('button', { name: 'Count first' }).click();
    await page.getByRole('button', { name: /^Judge \d+ calls?$/ }).click();
    await page.waitForURL(/\/evaluations\/[0-9a-f-]{36}/);
    await heading(page, 'Second look');
    await page.getByRole('radio', { name: 'All', exact: true }).click(); // while calls are still judged: what comes later is shown as well
    await page.getByRole('button', { name: 'Make current' }).waitFor({ timeout: 60_000 });
    await page.getByText('Agreement').first().waitFor();
    const { calls } = await json(`/api/evaluation-runs/${new URL(page.url()).pathname.split('/').at(-1)}`);
    const shown = page.getByRole('region', { name: 'Calls' }).locator('tbody tr');
    await shown.nth(calls - 1).waitFor();
    assert.equal(await shown.count(), calls);
    await page.locator('section', { hasText: 'Calls' }).locator(`a[href*="${ids.disclosure}"]`).waitFor();
    await page.getByRole('button', { name: 'Make current' }).click();
    const sure = page.getByRole('button', { name: 'Make current' });
    assert.equal(await sure.isDisabled(), true, 'only by its name');
    await page.getByLabel(/Type its name/).fill('Second look');
    await sure.click();
    await page.getByText(/^\d+ made current/).waitFor({ timeout: 60_000 });
  });
}
