import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Play } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { newestCall } from '@/api/queries';
import { DataTable, type Column } from '@/components/data-table';
import { PointsChange } from '@/components/figures';
import { count, percent, words } from '@/lib/format';
import type { PeriodChoice, Range } from '@/lib/period';
import type { RuleChange } from './rule-model';

/** Whose calls are meant. */
export interface Whose {
  agent_id?: string;
  city_id?: number;
  state?: string;
}

interface Props {
  caption: string;
  changes: readonly RuleChange[];
  whose: Whose;
  range: Range;
  /** The period as the address has it, for links. */
  choice: PeriodChoice;
  /** Whether a change that may be chance greys its row. */
  doubted?: boolean;
}

/** Questions of the scorecard with how often they were missed, now and before; each leads to the calls that missed it. */
export function RuleTable({ caption, changes, whose, range, choice, doubted = false }: Props) {
  const { t } = useTranslation();
  const { period, from, to } = choice;
  const columns: Column<RuleChange>[] = [
    {
      key: 'rule', header: t('compare.question'), wide: true,
      cell: ({ rule, chance, change }) => {
        const grey = doubted && chance && change !== undefined;
        return (
          <>
            <Link to="/calls" search={{ ...whose, rule: rule.rule_id, period, from, to }} className={grey ? 'hs-muted-link' : undefined}>{rule.title ?? words(rule.rule_id)}</Link>
            {grey && <span className="hs-small hs-muted"> {t('rules.chance')}</span>}
          </>
        );
      },
    },
    { key: 'now', header: t('rules.missed'), label: t('rules.missed'), num: true, cell: ({ rule }) => <Share missed={rule.missed} n={rule.n} /> },
    { key: 'before', header: t('rules.before'), label: t('rules.before'), num: true, cell: ({ rule }) => <Share missed={rule.previous.missed} n={rule.previous.n} /> },
    { key: 'change', header: t('map.change'), label: t('map.change'), num: true, cell: ({ change }) => (change === undefined ? '–' : <PointsChange now={change} before={0} />) },
    { key: 'hear', header: t('rules.hear'), cell: ({ rule }) => (rule.missed > 0 ? <Newest rule={rule.rule_id} whose={whose} range={range} title={rule.title ?? words(rule.rule_id)} /> : '') },
  ];
  return <DataTable caption={caption} columns={columns} rows={changes} rowKey={({ rule }) => rule.rule_id} />;
}

/** "30 % (12 of 40)" */
function Share({ missed, n }: { missed: number; n: number }) {
  const { t } = useTranslation();
  if (n === 0) return <span className="hs-muted">–</span>;
  return <span className="hs-num">{percent(missed / n)} <span className="hs-muted">({t('rules.of', { missed: count(missed), n: count(n) })})</span></span>;
}

/** The newest call that missed it opens at the words; what is left is Play. */
function Newest({ rule, whose, range, title }: { rule: string; whose: Whose; range: Range; title: string }) {
  const { t } = useTranslation();
  const found = useQuery(newestCall({ ...whose, ...range, rule }));
  if (!found.data) return null;
  return (
    <Link className="hs-chip hs-num" to="/calls/$id" params={{ id: found.data }} search={{ rule }} aria-label={t('rules.hearOne', { title })}>
      <Play size={12} aria-hidden="true" /> {t('rules.newest')}
    </Link>
  );
}
