import type { ReactNode } from 'react';
import { FilterChip } from './filter-chip';

export interface Choice {
  key: string;
  label: string;
  value: string | undefined;
  options: readonly { value: string; label: string }[];
}

/** Filters of a list: a field each until it is chosen, then a chip that takes it away again. */
export function ChoiceFilters({ choices, onChange, children }: { choices: readonly Choice[]; onChange: (key: string, value: string) => void; children?: ReactNode }) {
  return (
    <>
      {choices.filter((choice) => choice.value === undefined).map((choice) => (
        <select key={choice.key} className="hs-input hs-filter-select" aria-label={choice.label} value="" onChange={(event) => onChange(choice.key, event.target.value)}>
          <option value="">{choice.label}</option>
          {choice.options.map((option) => <option key={option.value} value={option.value}>{option.label}</option>)}
        </select>
      ))}
      {children}
      {choices.filter((choice) => choice.value !== undefined).map((choice) => (
        <FilterChip key={choice.key} label={`${choice.label}: ${choice.options.find((option) => option.value === choice.value)?.label ?? choice.value}`} onRemove={() => onChange(choice.key, '')} />
      ))}
    </>
  );
}
