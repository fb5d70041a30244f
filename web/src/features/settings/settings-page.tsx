import { useMantineColorScheme } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Problem } from '@/api/problem';
import { configAgents, configCities, configIssues, health, limits, readiness, version } from '@/api/queries';
import { useDensity, useShortcuts } from '@/components/choices';
import { PageHead } from '@/components/page-head';
import { Segments } from '@/components/segments';
import { Loaded, Skeleton } from '@/components/states';
import { chooseLanguage, languages, type Language } from '@/i18n';
import { bytes, clock, count, span } from '@/lib/format';

/** What this browser does with the dashboard, and what the server says about itself. Nothing here is secret. */
export function SettingsPage() {
  const { t } = useTranslation();
  return (
    <>
      <PageHead title={t('nav.settings')} note={t('settings.note')} />
      <div className="hs-grid-even">
        <Browser />
        <Server />
        <Uploads />
        <Directory />
      </div>
    </>
  );
}

function Part({ id, title, note, children }: { id: string; title: string; note?: string; children: ReactNode }) {
  return (
    <section className="hs-card" aria-labelledby={id}>
      <div className="hs-card-head"><h2 id={id}>{title}</h2></div>
      <div className="hs-card-body hs-stack" style={{ gap: 12 }}>
        {note !== undefined && <p className="hs-small hs-muted">{note}</p>}
        {children}
      </div>
    </section>
  );
}

function Choice({ label, children }: { label: string; children: ReactNode }) {
  return <div className="hs-choice"><span aria-hidden="true">{label}</span>{children}</div>;
}

function Browser() {
  const { t, i18n } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [density, chooseDensity] = useDensity();
  const [keys, chooseKeys] = useShortcuts();
  return (
    <Part id="hs-browser" title={t('settings.browser')} note={t('settings.browserNote')}>
      <Choice label={t('nav.language')}>
        <Segments label={t('nav.language')} value={i18n.language as Language} onChange={(next) => void chooseLanguage(next)} options={(Object.keys(languages) as Language[]).map((value) => ({ value, label: languages[value] }))} />
      </Choice>
      <Choice label={t('settings.colours')}>
        <Segments label={t('settings.colours')} value={colorScheme} onChange={setColorScheme} options={(['auto', 'light', 'dark'] as const).map((value) => ({ value, label: t(`settings.${value}`) }))} />
      </Choice>
      <Choice label={t('settings.rows')}>
        <Segments label={t('settings.rows')} value={density} onChange={chooseDensity} options={(['comfortable', 'compact'] as const).map((value) => ({ value, label: t(`settings.${value}`) }))} />
      </Choice>
      <Choice label={t('account.shortcuts')}>
        <Segments label={t('account.shortcuts')} value={keys} onChange={chooseKeys} options={(['on', 'off'] as const).map((value) => ({ value, label: t(`settings.${value}`) }))} />
      </Choice>
    </Part>
  );
}

function Server() {
  const { t } = useTranslation();
  const told = useQuery(version());
  const alive = useQuery(health());
  const ready = useQuery(readiness());
  return (
    <Part id="hs-server" title={t('settings.server')}>
      <Loaded query={told} loading={<Skeleton height={160} />}>
        {(found) => (
          <dl className="hs-dl">
            <dt>{t('settings.version')}</dt><dd>{found.name} {found.version}</dd>
            <dt>{t('settings.ready')}</dt><dd>{readyText(t, ready.data !== undefined && !ready.isError, ready.error)}</dd>
            <dt>{t('settings.uptime')}</dt><dd className="hs-num">{alive.data === undefined ? '–' : span(alive.data.uptime_seconds)}</dd>
            <dt>{t('settings.schema')}</dt><dd className="hs-num">{found.schema_version}</dd>
            <dt>{t('settings.latency')}</dt><dd className="hs-num">{ready.data?.database_latency_ms === undefined ? '–' : `${ready.data.database_latency_ms.toFixed(1)} ms`}</dd>
            <dt>{t('settings.speech')}</dt><dd>{found.speech_engine}{ready.data?.speech_engine === undefined ? '' : ` · ${t(`settings.speech_${ready.data.speech_engine}`)}`}</dd>
          </dl>
        )}
      </Loaded>
      <p className="hs-small"><a href="/docs">{t('account.api')}</a></p>
    </Part>
  );
}

function readyText(t: ReturnType<typeof useTranslation>['t'], ready: boolean, error: unknown): ReactNode {
  if (ready) return `✓ ${t('settings.isReady')}`;
  if (error === null) return '–';
  return <span className="hs-missed-text">✕ {t('settings.notReady')}{error instanceof Problem ? `: ${error.detail}` : ''}</span>;
}

function Uploads() {
  const { t } = useTranslation();
  const found = useQuery(limits());
  return (
    <Part id="hs-uploads" title={t('nav.upload')} note={t('settings.serverSays')}>
      <Loaded query={found} loading={<Skeleton height={160} />}>
        {(limit) => (
          <dl className="hs-dl">
            <dt>{t('settings.formats')}</dt><dd>{limit.formats.join(', ')}</dd>
            <dt>{t('settings.largest')}</dt><dd className="hs-num">{bytes(limit.max_upload_bytes)}</dd>
            <dt>{t('settings.length')}</dt><dd className="hs-num">{t('settings.from', { least: clock(limit.min_duration_seconds), most: clock(limit.max_duration_seconds) })}</dd>
            <dt>{t('settings.zone')}</dt><dd>{limit.time_zone}</dd>
            <dt>{t('settings.region')}</dt><dd>{limit.default_region}</dd>
          </dl>
        )}
      </Loaded>
    </Part>
  );
}

function Directory() {
  const { t } = useTranslation();
  const agents = useQuery(configAgents());
  const cities = useQuery(configCities());
  const issues = useQuery(configIssues());
  const emergencies = issues.data?.filter((issue) => issue.emergency).map((issue) => issue.name) ?? [];
  const number = (found: readonly unknown[] | undefined): string => (found === undefined ? '–' : count(found.length));
  return (
    <Part id="hs-directory" title={t('settings.directory')} note={t('settings.directoryNote')}>
      <Loaded query={issues} loading={<Skeleton height={96} />}>
        {() => (
          <dl className="hs-dl">
            <dt>{t('settings.agents')}</dt><dd className="hs-num">{number(agents.data)}</dd>
            <dt>{t('map.cities')}</dt><dd className="hs-num">{number(cities.data)}</dd>
            <dt>{t('settings.issues')}</dt><dd className="hs-num">{number(issues.data)}</dd>
            <dt>{t('figure.emergencies')}</dt><dd>{emergencies.length === 0 ? '–' : emergencies.join(', ')}</dd>
          </dl>
        )}
      </Loaded>
    </Part>
  );
}
