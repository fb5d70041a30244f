import { useTranslation } from 'react-i18next';
import { DataTable, type Column } from '@/components/data-table';
import { PointsChange, StatCard } from '@/components/figures';
import { count, percent, score, signed, words } from '@/lib/format';
import { byFlips, type Shift } from './run-model';

type Rule = Shift['rules'][number];

/** What moved between two ways of judging the same calls: score, alarms, and answers by question with their agreement. */
export function RunShift({ shift, before, after, onQuestion }: { shift: Shift; before: string; after: string; onQuestion?: (question: string) => void }) {
  const { t } = useTranslation();
  const flips = byFlips(shift.rules);
  const columns: Column<Rule>[] = [
    { key: 'question', header: t('compare.question'), wide: true, cell: (row) => onQuestion === undefined || row.flips === 0 ? words(row.question_id) : <button type="button" className="hs-quiet-button" style={{ textAlign: 'start' }} onClick={() => onQuestion(row.question_id)}>{words(row.question_id)}</button> },
    { key: 'flips', header: t('runs.flips'), label: t('runs.flips'), num: true, cell: (row) => t('rules.of', { missed: count(row.flips), n: count(row.compared) }) },
    { key: 'agreement', header: t('runs.agreement'), label: t('runs.agreement'), num: true, cell: (row) => <Agreement share={row.agreement} interval={row.interval} /> },
    { key: 'pass', header: t('runs.toMet'), label: t('runs.toMet'), num: true, cell: (row) => count(row.flips_to.pass) },
    { key: 'fail', header: t('runs.toMissed'), label: t('runs.toMissed'), num: true, cell: (row) => count(row.flips_to.fail) },
    { key: 'review', header: t('runs.toReview'), label: t('runs.toReview'), num: true, cell: (row) => count(row.flips_to.needs_review) },
    { key: 'na', header: t('runs.toNa'), label: t('runs.toNa'), num: true, cell: (row) => count(row.flips_to.na) },
    { key: 'asked', header: t('runs.asked'), label: t('runs.asked'), num: true, cell: (row) => (row.added + row.removed === 0 ? '' : `+${count(row.added)} −${count(row.removed)}`) },
  ];
  const { quality, flagged } = shift;
  const raised = flagged.after - flagged.before;
  return (
    <>
      <div className="hs-stats" style={{ marginBottom: 0 }}>
        <StatCard label={t('runs.agreement')} value={<Agreement share={shift.agreement} interval={shift.interval} />} note={t('runs.answers', { n: count(shift.compared) })} />
        <StatCard label={t('runs.flips')} value={count(shift.flips)} note={`${before} → ${after}`} />
        <StatCard
          label={t('score.overall_quality')} value={quality.after === null ? '–' : score(quality.after)}
          note={quality.before === null || quality.after === null ? t('figure.n', { n: count(shift.scored) }) : <PointsChange now={quality.after} before={quality.before} against={t('figure.n', { n: count(shift.scored) })} />}
        />
        <StatCard label={t('nav.escalations')} value={count(flagged.after)} note={signed(raised)} />
      </div>
      {flips.length > 0 && <div className="hs-card"><DataTable caption={t('runs.byQuestion')} columns={columns} rows={flips} rowKey={(row) => row.question_id} /></div>}
    </>
  );
}

/** "97 % (95–98)" */
function Agreement({ share, interval }: { share: number | null; interval: number[] | null }) {
  if (share === null) return <span className="hs-muted">–</span>;
  return <span className="hs-num">{percent(share)}{interval !== null && <span className="hs-muted hs-small"> ({Math.round(interval[0]! * 100)}–{Math.round(interval[1]! * 100)})</span>}</span>;
}
