import { Button } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { calls, trial } from '@/api/queries';
import { PointsChange } from '@/components/figures';
import { EmptyState, Loaded, Loading } from '@/components/states';
import { useZone } from '@/components/tenant';
import { VerdictTag, verdictOf } from '@/components/verdict';
import { clock, dateTime, score, words } from '@/lib/format';
import { id as idField } from '@/lib/search';

type State = Parameters<typeof verdictOf>[0];
const isState = (word: string): word is State => ['pass', 'fail', 'na', 'needs_review'].includes(word);

/** How a call would be judged: by rules alone, and nothing is stored. */
export function TryPanel({ scorecardKey, version, call, onCall }: { scorecardKey: string; version: number; call: string | undefined; onCall: (id: string | undefined) => void }) {
  const { t } = useTranslation();
  const zone = useZone();
  const [pasted, setPasted] = useState('');
  const recent = useInfiniteQuery(calls({ status: 'analyzed' }));
  const rows = recent.data?.pages[0]?.data ?? [];
  const typed = idField.read(pasted.trim());
  return (
    <div className="hs-stack">
      <div className="hs-filter" style={{ marginBottom: 0 }}>
        <select className="hs-input hs-try-call" aria-label={t('scorecards.chooseCall')} value={rows.some((row) => row.call_id === call) ? call : ''} onChange={(event) => onCall(event.target.value === '' ? undefined : event.target.value)}>
          <option value="">{t('scorecards.chooseCall')}</option>
          {rows.map((row) => <option key={row.call_id} value={row.call_id}>{dateTime(row.call_timestamp, zone)} · {row.agent.name} · {clock(row.duration_seconds)}</option>)}
        </select>
        <form className="hs-row" onSubmit={(event) => { event.preventDefault(); if (typed !== undefined) onCall(typed); }}>
          <input className="hs-input" aria-label={t('scorecards.pasteCall')} placeholder={t('scorecards.pasteCall')} value={pasted} onChange={(event) => setPasted(event.target.value)} />
          <Button type="submit" size="xs" variant="default" disabled={typed === undefined}>{t('scorecards.try')}</Button>
        </form>
      </div>
      <div className="hs-card">
        {call === undefined ? <EmptyState title={t('scorecards.tryTitle')}>{t('scorecards.tryHint')}</EmptyState> : <Trial scorecardKey={scorecardKey} version={version} call={call} />}
      </div>
    </div>
  );
}

function Trial({ scorecardKey, version, call }: { scorecardKey: string; version: number; call: string }) {
  const { t } = useTranslation();
  const found = useQuery(trial(scorecardKey, version, call));
  return (
    <Loaded query={found} loading={<Loading rows={8} />}>
      {(result) => (
        <>
          <div className="hs-card-head">
            <h2>{result.changed ? t('scorecards.flips', { count: result.flips }) : t('scorecards.noFlips')}</h2>
            <Link to="/calls/$id" params={{ id: call }}>{t('jobs.openCall')}</Link>
          </div>
          <p className="hs-card-body">
            {t('score.overall_quality')}: {result.quality.before === null ? '–' : score(result.quality.before)} → {result.quality.after === null ? '–' : score(result.quality.after)}{' '}
            {result.quality.before !== null && result.quality.after !== null && <PointsChange now={result.quality.after} before={result.quality.before} />}
            {result.flagged.before !== result.flagged.after && <> · {t('call.escalation')}: {yesNo(t, result.flagged.before)} → {yesNo(t, result.flagged.after)}</>}
          </p>
          <div className="hs-table-wrap">
            <table className="hs-table">
              <caption>{t('scorecards.tab_try')}</caption>
              <thead><tr><th scope="col">{t('compare.question')}</th><th scope="col">{t('scorecards.now')}</th><th scope="col">{t('scorecards.then')}</th></tr></thead>
              <tbody>
                {[...result.answers].sort((a, b) => Number(a.before === a.after) - Number(b.before === b.after)).map((answer) => (
                  <tr key={answer.question_id} data-selected={answer.before !== answer.after}>
                    <td>{words(answer.question_id)}</td>
                    <td><AnswerState state={answer.before} /></td>
                    <td><AnswerState state={answer.after} /></td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </Loaded>
  );
}

const yesNo = (t: ReturnType<typeof useTranslation>['t'], value: boolean | null): string => (value === null ? '–' : value ? t('common.yes') : t('common.no'));

export function AnswerState({ state }: { state: string | null }) {
  const { t } = useTranslation();
  if (state === null) return <span className="hs-muted">{t('compare.notAsked')}</span>;
  return isState(state) ? <VerdictTag verdict={verdictOf(state)} /> : <>{words(state)}</>;
}
