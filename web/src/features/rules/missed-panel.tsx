import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ruleFigures } from '@/api/queries';
import { Loaded, Loading } from '@/components/states';
import type { PeriodChoice, Range } from '@/lib/period';
import { missed } from './rule-model';
import { RuleTable, type Whose } from './rule-table';

const most = 5;

/** The questions that are missed most often. */
export function MissedPanel({ whose, range, choice }: { whose: Whose; range: Range; choice: PeriodChoice }) {
  const { t } = useTranslation();
  const found = useQuery(ruleFigures({ ...whose, ...range }));
  return (
    <section className="hs-card" aria-labelledby="hs-missed">
      <div className="hs-card-head"><h2 id="hs-missed">{t('rules.most')}</h2></div>
      <Loaded query={found} loading={<Loading rows={most} />}>
        {(rules) => {
          const worst = missed(rules).slice(0, most);
          if (worst.length === 0) return <p className="hs-muted hs-card-body">{t('rules.noMiss')}</p>;
          return <RuleTable caption={t('rules.most')} changes={worst} whose={whose} range={range} choice={choice} />;
        }}
      </Loaded>
    </section>
  );
}
