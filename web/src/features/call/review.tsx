import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { api, body } from '@/api/client';
import { callSteps, remarks as remarksQuery, type JudgedCall } from '@/api/queries';
import { Loaded } from '@/components/states';
import { useZone } from '@/components/tenant';
import { tell, tellProblem } from '@/components/toasts';
import { dateTime, score, words } from '@/lib/format';

const fields = ['overall_quality', 'sop_compliance', 'communication', 'sentiment_stabilization', 'resolution_validity', 'coaching_priority', 'escalation_risk'] as const;
type Field = (typeof fields)[number];

/** Remarks, and a person's score in place of the computed one, which stays visible beside it. */
export function Review({ callId, call }: { callId: string; call: JudgedCall | undefined }) {
  const { t } = useTranslation();
  const zone = useZone();
  const client = useQueryClient();
  const [text, setText] = useState('');
  const list = useQuery(remarksQuery(callId));
  const add = useMutation({
    mutationFn: () => body(api.POST('/api/calls/{id}/remarks', { params: { path: { id: callId } }, body: { text: text.trim() } })),
    onSuccess: () => {
      setText('');
      void client.invalidateQueries({ queryKey: ['call', callId] });
      void client.invalidateQueries({ queryKey: ['calls'] }); // it is reviewed now
    },
    onError: tellProblem,
  });
  const send = (event?: FormEvent): void => {
    event?.preventDefault();
    if (text.trim() !== '' && !add.isPending) add.mutate();
  };
  return (
    <section className="hs-card" aria-labelledby="hs-review-title">
      <div className="hs-card-head"><h2 id="hs-review-title">{t('review.title')}</h2></div>
      <div className="hs-card-body hs-stack">
        <Loaded query={list} loading={null}>
          {(found) => found.length === 0 ? <p className="hs-muted">{t('review.none')}</p> : (
            <ul className="hs-plain-list hs-stack">
              {found.map((remark) => (
                <li key={remark.id}>
                  <p style={{ whiteSpace: 'pre-wrap' }}>{remark.text}</p>
                  <p className="hs-small hs-muted">{remark.principal} · {dateTime(remark.created_at, zone)}</p>
                </li>
              ))}
            </ul>
          )}
        </Loaded>
        <form onSubmit={send}>
          <label className="hs-field">
            <span>{t('review.remark')}</span>
            <textarea className="hs-input" value={text} maxLength={4000} onChange={(event) => setText(event.target.value)} onKeyDown={(event) => { if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send(); }} />
          </label>
          <Button type="submit" size="xs" mt={8} disabled={text.trim() === ''} loading={add.isPending}>{t('review.add')}</Button>
        </form>
        {call !== undefined && <OverrideForm callId={callId} call={call} />}
      </div>
    </section>
  );
}

function OverrideForm({ callId, call }: { callId: string; call: JudgedCall }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const [field, setField] = useState<Field>('overall_quality');
  const [value, setValue] = useState('');
  const [reason, setReason] = useState('');
  const number = Number(value);
  const valid = value.trim() !== '' && number >= 0 && number <= 100 && reason.trim() !== '';
  const save = useMutation({
    mutationFn: () => body(api.POST('/api/calls/{id}/overrides', { params: { path: { id: callId } }, body: { field, value: number / 100, reason: reason.trim() } })),
    onSuccess: () => {
      setOpen(false);
      setValue('');
      setReason('');
      tell(t('review.saved'));
      void client.invalidateQueries({ queryKey: ['call', callId] });
      void client.invalidateQueries({ queryKey: ['calls'] }); // it is reviewed now
    },
    onError: tellProblem,
  });
  if (!open) return <div><Button size="xs" variant="default" onClick={() => setOpen(true)}>{t('review.override')}</Button></div>;
  return (
    <form className="hs-stack" style={{ gap: 8 }} onSubmit={(event) => { event.preventDefault(); if (valid) save.mutate(); }}>
      <div className="hs-row">
        <label className="hs-field">
          <span>{t('review.field')}</span>
          <select className="hs-input" value={field} onChange={(event) => setField(event.target.value as Field)}>
            {fields.map((each) => <option key={each} value={each}>{t(`score.${each}`)}</option>)}
          </select>
        </label>
        <label className="hs-field">
          <span>{t('review.value')}</span>
          <input className="hs-input" inputMode="decimal" size={6} value={value} autoFocus onChange={(event) => setValue(event.target.value.replace(',', '.'))} />
        </label>
        <span className="hs-small hs-muted">{t('review.computed', { value: score(call.raw_scores[field]) })}</span>
      </div>
      <label className="hs-field">
        <span>{t('review.reason')}</span>
        <textarea className="hs-input" required value={reason} maxLength={2000} onChange={(event) => setReason(event.target.value)} />
      </label>
      <div className="hs-row">
        <Button type="submit" size="xs" disabled={!valid} loading={save.isPending}>{t('common.save')}</Button>
        <Button type="button" size="xs" variant="default" onClick={() => setOpen(false)}>{t('common.cancel')}</Button>
      </div>
    </form>
  );
}

/** What happened to the call, step by step. */
export function History({ callId }: { callId: string }) {
  const { t } = useTranslation();
  const zone = useZone();
  const steps = useQuery(callSteps(callId));
  return (
    <section className="hs-card" aria-labelledby="hs-history-title">
      <div className="hs-card-head"><h2 id="hs-history-title">{t('history.title')}</h2></div>
      <div className="hs-card-body">
        <Loaded query={steps}>
          {(found) => (
            <ol className="hs-plain-list hs-history">
              {found.map((step, i) => (
                <li key={i}>
                  <span className="hs-num hs-muted hs-small">{dateTime(step.at, zone)}</span>{' '}
                  {words(step.type.replace('.', ' '))}{step.principal === null ? '' : ` · ${step.principal}`}
                  {stepNote(step.payload)}
                </li>
              ))}
            </ol>
          )}
        </Loaded>
      </div>
    </section>
  );
}

function stepNote(payload: Record<string, unknown>): string {
  const parts = ['field', 'value', 'reason', 'engine', 'code'].flatMap((name) => (name in payload && payload[name] !== null ? [`${name} ${String(payload[name])}`] : []));
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}
