import { useTranslation } from 'react-i18next';
import type { JudgedCall } from '@/api/queries';
import { percent, score, words } from '@/lib/format';
import { tidy } from './redacted';

/** What the call was about, how it ended, and what to work on. */
export function Summary({ call }: { call: JudgedCall }) {
  const { t } = useTranslation();
  const resolution = call.resolution_analysis;
  const agentShare = call.metrics.agent.talk_ratio;
  return (
    <section className="hs-card" aria-labelledby="hs-summary-title">
      <div className="hs-card-head"><h2 id="hs-summary-title">{t('summary.title')}</h2></div>
      <div className="hs-card-body hs-stack">
        <p>{tidy(call.business_insight)}</p>
        <p><strong>{t('summary.coaching')}</strong> {tidy(call.coaching_insight)}</p>
        <dl className="hs-dl">
          <dt>{t('summary.quality')}</dt><dd className="hs-num">{call.scored ? score(call.overall_quality_score) : '–'}</dd>
          <dt>{t('summary.resolution')}</dt><dd>{words(resolution.status)}{resolution.quote === '' ? '' : `: “${tidy(resolution.quote)}”`}</dd>
          <dt>{t('summary.priority')}</dt><dd className="hs-num">{score(call.coaching_priority)}</dd>
          <dt>{t('summary.talk')}</dt>
          <dd>{t('summary.talkText', { agent: percent(agentShare), customer: percent(call.metrics.customer.talk_ratio), silence: percent(call.metrics.silence_ratio) })}</dd>
          <dt>{t('summary.judged')}</dt>
          <dd>{call.provenance.scorecard_key} v{call.provenance.scorecard_version}, {t(`method.${call.provenance.evaluator === 'rules' ? 'rule' : 'model'}`)}{call.provenance.model ? ` ${call.provenance.model}` : ''}; {t('summary.coverage', { share: percent(call.coverage) })}</dd>
        </dl>
      </div>
    </section>
  );
}
