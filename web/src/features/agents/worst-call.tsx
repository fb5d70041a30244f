import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { isMissing } from '@/api/problem';
import { worstCall } from '@/api/queries';
import { DeviationChip } from '@/components/deviation-chip';
import { Loaded, Skeleton } from '@/components/states';
import { useZone } from '@/components/tenant';
import { tidy } from '@/features/call/redacted';
import { dateTime, score } from '@/lib/format';

/** An agent's worst call of seven days, with what was missed in it. */
export function WorstCall({ id }: { id: string }) {
  const { t } = useTranslation();
  const zone = useZone();
  const worst = useQuery(worstCall(id));
  const none = isMissing(worst.error, 'call.none_in_window');
  return (
    <section className="hs-card" aria-labelledby="hs-worst">
      <div className="hs-card-head"><h2 id="hs-worst">{t('agent.worst')}</h2></div>
      <div className="hs-card-body">
        {none ? <p className="hs-muted">{t('agent.noWorst')}</p> : (
          <Loaded query={worst} loading={<Skeleton height={72} />}>
            {(call) => (
              <div className="hs-stack" style={{ gap: 8 }}>
                <p>
                  <Link to="/calls/$id" params={{ id: call.call_id }}>{dateTime(call.call_timestamp, zone)}</Link> · {call.city.name} · {call.primary_issue_category} ·{' '}
                  {t('score.overall_quality')} {score(call.scores['overall_quality'] ?? 0)}
                </p>
                {call.analysis.why_flagged !== null && <p className="hs-missed-text">{tidy(call.analysis.why_flagged)}</p>}
                <ul className="hs-plain-list hs-stack" style={{ gap: 6 }}>
                  {call.sop_deviations.slice(0, 5).map((deviation, i) => (
                    <li key={i}>
                      <DeviationChip callId={call.call_id} deviation={deviation} />
                      {deviation.deviated_phrase !== '' && <span className="hs-small"> “{tidy(deviation.deviated_phrase)}”</span>}
                    </li>
                  ))}
                </ul>
              </div>
            )}
          </Loaded>
        )}
      </div>
    </section>
  );
}
