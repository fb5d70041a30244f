import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ruleFigures } from '@/api/queries';
import { Loaded, Loading } from '@/components/states';
import { daysBetween, type PeriodChoice, type Range } from '@/lib/period';
import { byFall, type RuleFigures } from './rule-model';
import { RuleTable, type Whose } from './rule-table';

const most = 3;

/** Why somebody fell: the questions that moved most, each with the calls that missed it. */
export function ChangePanel({ whose, range, choice }: { whose: Whose; range: Range; choice: PeriodChoice }) {
  const { t } = useTranslation();
  const found = useQuery(ruleFigures({ ...whose, ...range }));
  return (
    <section className="hs-card" aria-labelledby="hs-change">
      <div className="hs-card-head">
        <h2 id="hs-change">{t('rules.change')}</h2>
        <span className="hs-small hs-muted">{t('figure.against', { count: daysBetween(range) })}</span>
      </div>
      <Loaded query={found} loading={<Loading rows={3} />}>
        {(rules) => <Moved rules={rules} whose={whose} range={range} choice={choice} />}
      </Loaded>
    </section>
  );
}

function Moved({ rules, whose, range, choice }: { rules: readonly RuleFigures[]; whose: Whose; range: Range; choice: PeriodChoice }) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const { fallen, others } = byFall(rules);
  const shown = all ? [...fallen, ...others] : fallen.slice(0, most);
  const more = fallen.length + others.length - shown.length;
  return (
    <>
      {fallen.length === 0 && <p className="hs-muted hs-card-body">{fallen.length + others.length === 0 ? t('rules.none') : t('rules.noFall')}</p>}
      {shown.length > 0 && <RuleTable caption={t('rules.change')} changes={shown} whose={whose} range={range} choice={choice} doubted />}
      {(more > 0 || all) && fallen.length + others.length > most && (
        <div className="hs-card-body" style={{ paddingTop: 8 }}>
          <Button size="xs" variant="default" onClick={() => setAll(!all)} aria-expanded={all}>{all ? t('rules.fewer') : t('rules.all', { count: fallen.length + others.length })}</Button>
        </div>
      )}
    </>
  );
}
