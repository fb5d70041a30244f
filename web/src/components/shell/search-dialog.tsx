import { Modal } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Building2, Clock, PhoneCall, TextSearch, User } from 'lucide-react';
import { useState, type KeyboardEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { configCities, findAgents, findCalls } from '@/api/queries';
import { useZone } from '@/components/tenant';
import { dateTime } from '@/lib/format';
import { id as idField } from '@/lib/search';
import { keepChoice, readChoice } from '@/lib/storage';

interface Hit {
  key: string;
  icon: ReactNode;
  text: string;
  note: string;
  open: () => void;
}

const kept = 5;

function recent(): string[] {
  try {
    const list: unknown = JSON.parse(readChoice('searches') ?? '[]');
    return Array.isArray(list) ? list.filter((each): each is string => typeof each === 'string').slice(0, kept) : [];
  } catch {
    return [];
  }
}

/** Finds agents, cities and calls; a pasted call id opens the call. */
export default function SearchDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const zone = useZone();
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  const [query] = useDebouncedValue(text.trim(), 200);
  const pasted = idField.read(query);
  const agents = useQuery(findAgents(pasted === undefined ? query : ''));
  const calls = useQuery(findCalls(pasted === undefined && query.length > 1 ? query : ''));
  const cities = useQuery(configCities());
  const remember = (): void => {
    if (query !== '') keepChoice('searches', JSON.stringify([query, ...recent().filter((each) => each !== query)].slice(0, kept)));
  };
  const to = (go: () => unknown) => () => {
    remember();
    onClose();
    void go();
  };
  const hits: Hit[] = [];
  if (pasted !== undefined) {
    hits.push({ key: pasted, icon: <PhoneCall size={16} />, text: pasted, note: t('search.call'), open: to(() => navigate({ to: '/calls/$id', params: { id: pasted } })) });
  } else if (query === '') {
    for (const each of recent()) hits.push({ key: each, icon: <Clock size={16} />, text: each, note: t('search.recent'), open: () => setText(each) });
  } else {
    for (const agent of agents.data ?? []) {
      hits.push({ key: agent.agent_id, icon: <User size={16} />, text: agent.name, note: agent.employee_id ?? t('search.agent'), open: to(() => navigate({ to: '/agents/$id', params: { id: agent.agent_id } })) });
    }
    const small = query.toLowerCase();
    for (const city of (cities.data ?? []).filter((each) => each.name.toLowerCase().includes(small)).slice(0, 5)) {
      hits.push({ key: `c${city.id}`, icon: <Building2 size={16} />, text: city.name, note: city.state ?? t('search.city'), open: to(() => navigate({ to: '/cities/$id', params: { id: String(city.id) } })) });
    }
    for (const call of calls.data ?? []) {
      hits.push({
        key: call.call_id, icon: <PhoneCall size={16} />, text: `${call.agent.name}, ${call.city.name}`, note: `${call.primary_issue_category ?? ''} · ${dateTime(call.call_timestamp, zone)}`,
        open: to(() => navigate({ to: '/calls/$id', params: { id: call.call_id }, search: { find: query } })),
      });
    }
    hits.push({ key: 'said', icon: <TextSearch size={16} />, text: t('search.said', { query }), note: '', open: to(() => navigate({ to: '/search', search: { q: query } })) });
    hits.push({ key: 'all', icon: <PhoneCall size={16} />, text: t('search.all', { query }), note: '', open: to(() => navigate({ to: '/calls', search: { q: query } })) });
  }
  const at = Math.min(chosen, Math.max(0, hits.length - 1));
  const keys = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown') setChosen(Math.min(at + 1, hits.length - 1));
    else if (event.key === 'ArrowUp') setChosen(Math.max(at - 1, 0));
    else if (event.key === 'Enter') hits[at]?.open();
    else return;
    event.preventDefault();
  };
  return (
    <Modal opened onClose={onClose} title={t('search.open')} size="lg" closeButtonProps={{ 'aria-label': t('common.close') }}>
      <input
        className="hs-input" style={{ width: '100%', height: 40 }} data-autofocus value={text} placeholder={t('search.hint')} aria-label={t('search.hint')}
        role="combobox" aria-expanded={hits.length > 0} aria-controls="hs-hits" aria-activedescendant={hits[at] ? `hs-hit-${at}` : undefined}
        onChange={(event) => { setText(event.target.value); setChosen(0); }} onKeyDown={keys}
      />
      <div id="hs-hits" role="listbox" aria-label={t('search.results')} className="hs-hits">
        {hits.map((hit, index) => (
          <div key={hit.key} id={`hs-hit-${index}`} role="option" aria-selected={index === at} className="hs-hit" onClick={hit.open} onMouseMove={() => setChosen(index)}>
            {hit.icon}
            <span className="hs-hit-text">{hit.text} <span className="hs-muted hs-small">{hit.note}</span></span>
          </div>
        ))}
      </div>
    </Modal>
  );
}
