import { useRef, type KeyboardEvent } from 'react';

/** A choice of a few words in one row: a radio group with arrows. The chosen segment is the button itself, nothing floats. */
export function Segments<T extends string>({ label, value, options, onChange, className }: {
  label: string; value: T; options: readonly { value: T; label: string }[]; onChange: (value: T) => void; className?: string;
}) {
  const group = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowRight' || event.key === 'ArrowDown' ? 1 : event.key === 'ArrowLeft' || event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    event.stopPropagation();
    const at = options.findIndex((option) => option.value === value);
    const next = (at + step + options.length) % options.length;
    onChange(options[next]!.value);
    (group.current?.children[next] as HTMLElement | undefined)?.focus();
  };
  return (
    <div ref={group} role="radiogroup" aria-label={label} className={`hs-segments ${className ?? ''}`} onKeyDown={move}>
      {options.map((option) => (
        <button key={option.value} type="button" role="radio" aria-checked={option.value === value} tabIndex={option.value === value ? 0 : -1} onClick={() => onChange(option.value)}>
          {option.label}
        </button>
      ))}
    </div>
  );
}
