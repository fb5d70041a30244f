/** Choices of this browser that take effect at once. */
import { useState } from 'react';
import { keepChoice, readChoice } from '@/lib/storage';

export type Density = 'comfortable' | 'compact';

export function useDensity(): [Density, (next: Density) => void] {
  const [density, setDensity] = useState<Density>(readChoice('density') === 'compact' ? 'compact' : 'comfortable');
  const choose = (next: Density): void => {
    keepChoice('density', next);
    document.documentElement.dataset['hsDensity'] = next;
    setDensity(next);
  };
  return [density, choose];
}

export type Shortcuts = 'on' | 'off';

export function useShortcuts(): [Shortcuts, (next: Shortcuts) => void] {
  const [keys, setKeys] = useState<Shortcuts>(readChoice('keys') === 'off' ? 'off' : 'on');
  const choose = (next: Shortcuts): void => {
    keepChoice('keys', next);
    setKeys(next);
  };
  return [keys, choose];
}
