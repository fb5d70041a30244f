import { Button } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, body, type Schemas } from '@/api/client';
import { configAgents, configIssues, scorecards, scorecardVersions } from '@/api/queries';
import { PeriodSwitch } from '@/components/period-switch';
import { useRange } from '@/components/tenant';
import { tellProblem } from '@/components/toasts';
import { count, span } from '@/lib/format';
import { titleOf } from '@/features/scorecards/scorecard-model';
import { filterOf } from './run-model';

const route = getRouteApi('/evaluations');
type Preview = Schemas['RunPreview'];

/** Which calls, by which version; first what it would take, then the run. */
export function NewRun() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const [open, setOpen] = useState(search.scorecard !== undefined);
  if (!open) return <div><Button size="xs" onClick={() => setOpen(true)}>{t('runs.new')}</Button></div>;
  return <Form onClose={() => setOpen(false)} />;
}

function Form({ onClose }: { onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const client = useQueryClient();
  const range = useRange(search);
  const cards = useQuery(scorecards());
  const key = search.scorecard ?? cards.data?.[0]?.key ?? '';
  const versions = useInfiniteQuery({ ...scorecardVersions(key), enabled: key !== '' });
  const known = versions.data?.pages.flatMap((page) => page.data) ?? [];
  const version = search.version ?? known[0]?.version;
  const agents = useQuery(configAgents());
  const issues = useQuery(configIssues());
  const [name, setName] = useState('');
  const [preview, setPreview] = useState<{ of: string; found: Preview }>();
  const push = (change: Partial<typeof search>): void => void navigate({ search: (old) => ({ ...old, ...change }), replace: true, resetScroll: false });
  const wanted = { scorecard: { key, version: version ?? 0 }, filter: filterOf({ ...range, agent_id: search.agent_id, issue: search.issue }) };
  const asked = JSON.stringify(wanted);
  const look = useMutation({
    mutationFn: () => body(api.POST('/api/evaluation-runs', { body: { ...wanted, dry_run: true } })),
    onSuccess: (found) => setPreview({ of: asked, found: found as Preview }),
    onError: tellProblem,
  });
  const start = useMutation({
    mutationFn: () => body(api.POST('/api/evaluation-runs', { body: { ...wanted, dry_run: false, ...(name.trim() === '' ? {} : { name: name.trim() }) } })),
    onSuccess: (run) => {
      void client.invalidateQueries({ queryKey: ['runs'] });
      void navigate({ to: '/evaluations/$id', params: { id: (run as Schemas['EvaluationRun']).id } });
    },
    onError: tellProblem,
  });
  // What was counted for other choices is not shown for these.
  const seen = preview?.of === asked ? preview.found : undefined;
  return (
    <section className="hs-card" aria-labelledby="hs-new-run">
      <div className="hs-card-head"><h2 id="hs-new-run">{t('runs.new')}</h2></div>
      <form className="hs-card-body hs-stack" style={{ gap: 12 }} onSubmit={(event) => { event.preventDefault(); if (seen === undefined) look.mutate(); else start.mutate(); }}>
        <div className="hs-row" style={{ alignItems: 'end' }}>
          <label className="hs-field"><span>{t('runs.by')}</span>
            <select className="hs-input" value={key} onChange={(event) => push({ scorecard: event.target.value, version: undefined })}>
              {(cards.data ?? []).map((card) => <option key={card.key} value={card.key}>{titleOf(card.title, i18n.language, card.key)}</option>)}
            </select>
          </label>
          <label className="hs-field"><span>{t('scorecards.version')}</span>
            <select className="hs-input" value={version ?? ''} onChange={(event) => push({ scorecard: key, version: Number(event.target.value) })}>
              {known.map((each) => <option key={each.version} value={each.version}>{each.version} · {t(`scorecards.${each.state}`)}</option>)}
            </select>
          </label>
          <label className="hs-field"><span>{t('calls.agent')}</span>
            <select className="hs-input" value={search.agent_id ?? ''} onChange={(event) => push({ agent_id: event.target.value || undefined })}>
              <option value="">{t('runs.everyAgent')}</option>
              {(agents.data ?? []).map((agent) => <option key={agent.id} value={agent.id}>{agent.name}</option>)}
            </select>
          </label>
          <label className="hs-field"><span>{t('calls.issue')}</span>
            <select className="hs-input" value={search.issue ?? ''} onChange={(event) => push({ issue: event.target.value || undefined })}>
              <option value="">{t('runs.everyIssue')}</option>
              {(issues.data ?? []).map((issue) => <option key={issue.name} value={issue.name}>{issue.name}</option>)}
            </select>
          </label>
          <PeriodSwitch choice={search} onChange={push} />
        </div>
        <label className="hs-field" style={{ maxWidth: 420 }}><span>{t('runs.nameField')}</span><input className="hs-input" value={name} maxLength={100} onChange={(event) => setName(event.target.value)} /></label>
        <div aria-live="polite">{seen !== undefined && <Expected preview={seen} />}</div>
        <div className="hs-row">
          {seen === undefined
            ? <Button type="submit" size="xs" disabled={version === undefined} loading={look.isPending}>{t('runs.look')}</Button>
            : <Button type="submit" size="xs" disabled={seen.calls === 0 || seen.too_many} loading={start.isPending}>{t('runs.start', { count: seen.calls, n: count(seen.calls) })}</Button>}
          <Button type="button" size="xs" variant="default" onClick={onClose}>{t('common.cancel')}</Button>
        </div>
      </form>
    </section>
  );
}

/** What a run would take, before it is started. */
function Expected({ preview }: { preview: Preview }) {
  const { t } = useTranslation();
  return (
    <dl className="hs-dl">
      <dt>{t('figure.calls')}</dt><dd className="hs-num">{count(preview.calls)}{preview.too_many ? ` · ${t('runs.tooMany')}` : ''}{preview.calls === 0 ? ` · ${t('runs.noCalls')}` : ''}</dd>
      <dt>{t('runs.audio')}</dt><dd className="hs-num">{span(preview.audio_seconds)} · {t(preview.words_exact ? 'runs.words' : 'runs.aboutWords', { n: count(preview.words) })}</dd>
      <dt>{t('runs.time')}</dt><dd className="hs-num">{preview.judging_seconds === 0 ? '–' : span(Math.ceil(preview.judging_seconds))}</dd>
      <dt>{t('runs.cost')}</dt><dd className="hs-num">{preview.cost_usd === null ? '–' : `$${preview.cost_usd.toFixed(2)} USD`}{preview.tokens_in !== null && preview.tokens_in > 0 ? ` · ${t('runs.tokens', { n: count(preview.tokens_in + (preview.tokens_out ?? 0)) })}` : ''}{preview.note === null ? '' : ` · ${preview.note}`}</dd>
    </dl>
  );
}
