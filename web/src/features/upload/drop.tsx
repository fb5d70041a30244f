import { useQuery } from '@tanstack/react-query';
import { FileUp } from 'lucide-react';
import { useId, useMemo, useState, type DragEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { configAgents, configCities, configIssues, limits } from '@/api/queries';
import { bytes, count } from '@/lib/format';
import { fieldsOf, find, readManifest, unknownNames, type Choice, type Directory, type Kind, type Manifest, type Mapping } from './manifest';
import { uploadKey, uploads } from './upload-outside';
import { refusal, type UploadFields } from './upload-queue';

function useDirectory(): Directory {
  const agents = useQuery(configAgents()).data;
  const cities = useQuery(configCities()).data;
  const issues = useQuery(configIssues()).data;
  return useMemo(() => ({
    agent: (agents ?? []).map((agent) => ({ value: agent.id, label: agent.employee_id === null ? agent.name : `${agent.name} (${agent.employee_id})`, also: [agent.name, agent.employee_id] })),
    city: (cities ?? []).map((city) => ({ value: String(city.id), label: city.name })),
    issue: (issues ?? []).map((issue) => ({ value: issue.name, label: issue.name })),
  }), [agents, cities, issues]);
}

/** Shared fields once, rows of a list for single files; nothing is sent before every field of a file is known. */
export function Drop({ batch }: { batch: string }) {
  const { t } = useTranslation();
  const directory = useDirectory();
  const limit = useQuery(limits());
  const [fields, setFields] = useState<UploadFields>({ agent_identifier: '', city_identifier: '', issue_category: '' });
  const [manifest, setManifest] = useState<Manifest>();
  const [mapping, setMapping] = useState<Mapping>({});
  const [wrongList, setWrongList] = useState(false);
  const [over, setOver] = useState(false);
  const unknown = manifest === undefined ? [] : unknownNames(manifest, directory);
  const shared = fields.agent_identifier !== '' && fields.city_identifier !== '' && fields.issue_category !== '';
  const ready = unknown.every(({ kind, name }) => (mapping[`${kind}:${name}`] ?? '') !== '') && (shared || manifest !== undefined);
  const take = async (files: FileList | null): Promise<void> => {
    if (files === null || !ready) return;
    // A copy: the list of the field is emptied while keys are made.
    for (const file of [...files]) {
      const own = fieldsOf(file.name, fields, manifest, directory, mapping);
      const wrong = refusal(file, limit.data?.max_upload_bytes ?? Infinity);
      const refused = wrong !== undefined ? t(`upload.refused_${wrong}`) : own.missing.length > 0 ? t('upload.refused_fields') : undefined;
      uploads.add([{ key: await uploadKey(batch, file, own.fields), file, fields: own.fields, refused }]);
    }
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer.files);
  };
  const readList = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    const found = readManifest(await file.text());
    setManifest(found);
    setMapping({});
    setWrongList(found === undefined);
  };
  const set = (name: keyof UploadFields) => (value: string): void => setFields((old) => ({ ...old, [name]: value }));
  return (
    <div className="hs-card hs-drop" data-over={over} onDragOver={(event) => { event.preventDefault(); setOver(ready); }} onDragLeave={() => setOver(false)} onDrop={drop}>
      <div className="hs-drop-fields">
        <Combobox label={t('calls.agent')} choices={directory.agent} onValue={set('agent_identifier')} />
        <Combobox label={t('calls.city')} choices={directory.city} onValue={set('city_identifier')} />
        <Combobox label={t('calls.issue')} choices={directory.issue} onValue={set('issue_category')} />
        <label className="hs-field">
          <span>{t('upload.channels')}</span>
          <select className="hs-input" value={fields.channel_map ?? ''} onChange={(event) => set('channel_map')(event.target.value)}>
            <option value="">{t('upload.choose')}</option>
            <option value="left=agent,right=customer">{t('upload.agentLeft')}</option>
            <option value="left=customer,right=agent">{t('upload.agentRight')}</option>
            <option value="mono">{t('upload.mono')}</option>
          </select>
        </label>
      </div>
      {manifest !== undefined && <Mapper unknown={unknown} directory={directory} mapping={mapping} onMap={(key, value) => setMapping((old) => ({ ...old, [key]: value }))} rows={manifest.rows.size} />}
      {wrongList && <p role="alert" className="hs-missed-text">{t('upload.listWrong')}</p>}
      <div className="hs-drop-zone">
        <FileUp size={28} aria-hidden="true" />
        <p>{ready ? t('upload.drop') : unknown.length > 0 ? t('upload.mapFirst') : t('upload.first')}</p>
        <div className="hs-row" style={{ justifyContent: 'center' }}>
          <label className="hs-drop-button" data-off={!ready}>
            {t('upload.files')}
            <input type="file" multiple accept="audio/*,.opus,.webm" disabled={!ready} className="hs-visually-hidden" onChange={(event) => { void take(event.target.files); event.target.value = ''; }} />
          </label>
          <label className="hs-drop-button" data-quiet="true">
            {t('upload.csv')}
            <input type="file" accept=".csv,text/csv" className="hs-visually-hidden" onChange={(event) => { void readList(event.target.files?.[0]); event.target.value = ''; }} />
          </label>
        </div>
        {limit.data && <p className="hs-small hs-muted">{t('upload.limits', { formats: limit.data.formats.join(', '), size: bytes(limit.data.max_upload_bytes) })}</p>}
        <p className="hs-small hs-muted">{t('upload.csvHint')}</p>
      </div>
    </div>
  );
}

/** A field that is typed into and completed from the directory; a name nobody knows is marked. */
function Combobox({ label, choices, onValue }: { label: string; choices: readonly Choice[]; onValue: (value: string) => void }) {
  const { t } = useTranslation();
  const id = useId();
  const [text, setText] = useState('');
  const known = find(choices, text);
  const wrong = text.trim() !== '' && known === undefined;
  return (
    <div className="hs-field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id} className="hs-input" list={`${id}-list`} value={text} autoComplete="off" placeholder={t('upload.choose')} aria-invalid={wrong} {...(wrong ? { 'aria-describedby': `${id}-wrong` } : {})}
        onChange={(event) => { setText(event.target.value); onValue(find(choices, event.target.value)?.value ?? ''); }}
      />
      <datalist id={`${id}-list`}>{choices.map((choice) => <option key={choice.value} value={choice.label} />)}</datalist>
      {wrong && <span id={`${id}-wrong`} className="hs-small hs-muted">{t('upload.unknown')}</span>}
    </div>
  );
}

/** Names of the list that the directory does not know, for a person to say who is meant. */
function Mapper({ unknown, directory, mapping, onMap, rows }: { unknown: readonly { kind: Kind; name: string }[]; directory: Directory; mapping: Mapping; onMap: (key: string, value: string) => void; rows: number }) {
  const { t } = useTranslation();
  return (
    <section aria-label={t('upload.csv')} className="hs-stack" style={{ gap: 8 }}>
      <p role="status">{t('upload.listRows', { count: rows, n: count(rows) })}{unknown.length > 0 ? ` ${t('upload.listUnknown')}` : ''}</p>
      <div className="hs-drop-fields">
        {unknown.map(({ kind, name }) => (
          <label key={`${kind}:${name}`} className="hs-field">
            <span>{t(`calls.${kind}`)} “{name}”</span>
            <select className="hs-input" value={mapping[`${kind}:${name}`] ?? ''} onChange={(event) => onMap(`${kind}:${name}`, event.target.value)}>
              <option value="">{t('upload.choose')}</option>
              {directory[kind].map((choice) => <option key={choice.value} value={choice.value}>{choice.label}</option>)}
            </select>
          </label>
        ))}
      </div>
    </section>
  );
}
