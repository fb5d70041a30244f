import { useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { evaluation, evaluations, type Answer, type JudgedCall } from '@/api/queries';
import { PointsChange } from '@/components/figures';
import { Loaded } from '@/components/states';
import { useZone } from '@/components/tenant';
import { VerdictTag } from '@/components/verdict';
import { dateTime, score } from '@/lib/format';
import { changedAnswers } from './compare-model';
import { findingOf, type Finding } from './call-model';

/** The evaluation on the page beside another one of the same call: what moved, and by which question. */
export function Compare({ callId, call, against, onClose, onFinding }: { callId: string; call: JudgedCall; against: string; onClose: () => void; onFinding: (finding: Finding) => void }) {
  const { t } = useTranslation();
  const zone = useZone();
  const other = useQuery(evaluation(callId, against));
  const listed = useQuery(evaluations(callId)).data?.find((each) => each.id === against);
  return (
    <section className="hs-card" aria-labelledby="hs-compare-title">
      <div className="hs-card-head">
        <div>
          <h2 id="hs-compare-title">{t('compare.title')}</h2>
          {listed && <p className="hs-small hs-muted">{dateTime(listed.created_at, zone)} · {listed.evaluator}</p>}
        </div>
        <button type="button" className="hs-icon-button" aria-label={t('common.close')} onClick={onClose}><X size={16} aria-hidden="true" /></button>
      </div>
      <div className="hs-card-body hs-stack" style={{ gap: 8 }}>
        <Loaded query={other}>
          {(found) => {
            const then = found as unknown as JudgedCall;
            const changed = changedAnswers(then.answers, call.answers);
            return (
              <>
                <p>{t('metric.sop')}: {score(then.sop_compliance_score)} → {score(call.sop_compliance_score)} <PointsChange now={call.sop_compliance_score} before={then.sop_compliance_score} /></p>
                {changed.length === 0 ? <p className="hs-muted">{t('compare.same')}</p> : (
                  <div className="hs-table-wrap">
                    <table className="hs-table">
                      <caption>{t('compare.title')}</caption>
                      <thead><tr><th scope="col">{t('compare.question')}</th><th scope="col">{t('compare.there')}</th><th scope="col">{t('compare.here')}</th></tr></thead>
                      <tbody>
                        {changed.map(({ id, before, now }) => (
                          <tr key={id}>
                            <td>{now === undefined ? before!.title : <button type="button" className="hs-quiet-button" style={{ textAlign: 'start' }} onClick={() => onFinding(findingOf(now))}>{now.title}</button>}</td>
                            <td><Side answer={before} /></td>
                            <td><Side answer={now} /></td>
                          </tr>
                        ))}
                      </tbody>
                    </table>
                  </div>
                )}
              </>
            );
          }}
        </Loaded>
      </div>
    </section>
  );
}

function Side({ answer }: { answer: Answer | undefined }) {
  const { t } = useTranslation();
  return answer === undefined ? <span className="hs-muted">{t('compare.notAsked')}</span> : <VerdictTag verdict={findingOf(answer).verdict} />;
}
