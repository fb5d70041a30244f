import { useEffect, useEffectEvent } from 'react';
import { readChoice } from './storage';

/** Keys by `event.key`; a handler that returns false leaves the key to the browser. */
export type KeyMap = Record<string, (event: KeyboardEvent) => boolean | void>;

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** Single-key shortcuts of a page: off while typing, with modifiers, in dialogs, and when the person switched them off. */
export function useKeys(map: KeyMap): void {
  const handle = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing(event.target) || readChoice('keys') === 'off') return;
    if (event.target instanceof Element && event.target.closest('[role="dialog"],[role="menu"],[role="listbox"]')) return;
    const handler = map[event.key] ?? map[event.key.toLowerCase()];
    // Enter and Space on a control are that control's.
    if ((event.key === ' ' || event.key === 'Enter') && event.target instanceof Element && event.target.closest('button,a,summary,[role="slider"]')) return;
    if (handler !== undefined && handler(event) !== false) event.preventDefault();
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => handle(event);
    document.addEventListener('keydown', listener);
    return () => document.removeEventListener('keydown', listener);
  }, []);
}
