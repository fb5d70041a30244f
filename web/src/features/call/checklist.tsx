import { Play } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Evidence, JudgedCall } from '@/api/queries';
import { Segments } from '@/components/segments';
import { VerdictTag } from '@/components/verdict';
import { clock, count, score, words } from '@/lib/format';
import { tidy } from './redacted';
import { confidenceWord, pointsOf, worstFirst, type Finding } from './call-model';
import './checklist.css';

interface Props {
  call: Pick<JudgedCall, 'sop_compliance_score' | 'scored' | 'provisional'>;
  findings: readonly Finding[];
  selected: string | undefined;
  order: 'worst' | 'card';
  onOrder: (order: 'worst' | 'card') => void;
  onEvidence: (finding: Finding, evidence: Evidence) => void;
  onSearched: (finding: Finding) => void;
}

/** Questions of the scorecard with the words that decided them. */
export function Checklist({ call, findings, selected, order, onOrder, onEvidence, onSearched }: Props) {
  const { t } = useTranslation();
  const points = pointsOf(findings);
  // The scorecard may weigh sections or cap the score; then the points alone do not make it.
  const weighted = points.of > 0 && Math.round((100 * points.got) / points.of) !== Math.round(100 * call.sop_compliance_score);
  const critical = findings.find((finding) => finding.verdict === 'missed' && finding.answer.critical);
  const listed = order === 'worst' ? worstFirst(findings) : [...findings];
  const sections = order === 'worst' ? [{ id: '', findings: listed }] : bySection(listed);
  return (
    <section className="hs-card" aria-labelledby="hs-checklist-title">
      <div className="hs-card-head">
        <div>
          <h2 id="hs-checklist-title" tabIndex={-1}>{t('checklist.title')}</h2>
          <p className="hs-small hs-muted">
            {call.scored && <strong className="hs-ink">{score(call.sop_compliance_score)}: </strong>}
            {t('checklist.points', { got: count(points.got), of: count(points.of) })}
            {weighted && <>, {t('checklist.weighted')}</>}
            {points.review > 0 && <>; {t('checklist.review', { count: points.review })}</>}
            {call.provisional && <>; {t('checklist.provisional')}</>}
          </p>
          {critical && <p className="hs-small hs-missed-text">{t('checklist.critical', { title: critical.answer.title })}</p>}
        </div>
        <Segments
          label={t('checklist.order')} value={order} onChange={onOrder}
          options={[{ value: 'worst', label: t('checklist.worst') }, { value: 'card', label: t('checklist.card') }]}
        />
      </div>
      {sections.map((section) => (
        <div key={section.id}>
          {section.id !== '' && <h3 className="hs-check-section">{words(section.id)}</h3>}
          <ul className="hs-plain-list">
            {section.findings.map((finding) => (
              <CheckRow key={finding.answer.question_id} finding={finding} on={finding.answer.question_id === selected} onEvidence={onEvidence} onSearched={onSearched} />
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}

function bySection(findings: readonly Finding[]): { id: string; findings: Finding[] }[] {
  const sections: { id: string; findings: Finding[] }[] = [];
  for (const finding of findings) {
    const last = sections.find((section) => section.id === finding.answer.section_id);
    if (last) last.findings.push(finding);
    else sections.push({ id: finding.answer.section_id, findings: [finding] });
  }
  return sections;
}

const shownQuotes = 3;

function CheckRow({ finding, on, onEvidence, onSearched }: { finding: Finding; on: boolean; onEvidence: Props['onEvidence']; onSearched: Props['onSearched'] }) {
  const { t } = useTranslation();
  const { answer, verdict } = finding;
  const lost = answer.score !== null && verdict !== 'review' && verdict !== 'na';
  return (
    <li className="hs-check" data-on={on} data-rule={answer.question_id} data-verdict={verdict}>
      <div className="hs-check-verdict"><VerdictTag verdict={verdict} /></div>
      <div className="hs-check-text">
        <div className="hs-check-title">
          <strong>{answer.title}</strong>
          {answer.critical && <span className="hs-chip" data-tone={verdict === 'missed' ? 'alert' : 'plain'}>{t('checklist.criticalMark')}</span>}
        </div>
        {distinct(answer.evidence).slice(0, shownQuotes).map((evidence) => (
          <div key={`${evidence.turn}:${evidence.word_from}:${evidence.word_to}`}>
            <button type="button" className="hs-quote" onClick={() => onEvidence(finding, evidence)}>
              <Play size={11} aria-hidden="true" fill="currentColor" />
              <span>“{tidy(evidence.quote)}”</span> <span className="hs-num hs-muted">{clock(evidence.start_time)}</span>
              {evidence.verified !== 'exact' && <span className="hs-small hs-muted">{t('checklist.repaired')}</span>}
            </button>
          </div>
        ))}
        {verdict !== 'met' && answer.searched && answer.evidence.length === 0 && (
          <button type="button" className="hs-quote hs-muted" onClick={() => onSearched(finding)}>
            {t('checklist.searched', { from: clock(answer.searched.start_time), to: clock(answer.searched.end_time) })}
          </button>
        )}
        {verdict === 'missed' && answer.should_have_said !== '' && (
          <p className="hs-check-should"><span className="hs-muted">{t('checklist.should')}</span> “{answer.should_have_said}”</p>
        )}
      </div>
      <div className="hs-check-side hs-small hs-muted">
        <div className="hs-num">{lost ? t('checklist.pointsOf', { got: count(answer.score! * answer.weight), of: count(answer.weight) }) : t('checklist.weight', { of: count(answer.weight) })}</div>
        <div title={t('checklist.confidence', { value: score(answer.confidence) })}>
          {verdict === 'review' || verdict === 'na' ? '' : t(`confidence.${confidenceWord(answer.confidence)}`)}
          {verdict === 'review' || verdict === 'na' ? '' : ' · '}
          {t(`method.${answer.method === 'model' || answer.method === 'person' ? answer.method : 'rule'}`)}
        </div>
      </div>
    </li>
  );
}

/** A quote that lies inside another one of the same turn says nothing more. */
function distinct(evidence: readonly Evidence[]): Evidence[] {
  return evidence.filter((each, i) => !evidence.some((other, k) =>
    k !== i && other.turn === each.turn && other.word_from <= each.word_from && other.word_to >= each.word_to
    && (other.word_to - other.word_from > each.word_to - each.word_from || k < i)));
}

