/** Messages in the corner. What shows them is fetched with the first one. */
import i18next from 'i18next';
import { Problem } from '@/api/problem';

export interface Toast {
  title?: string;
  message: string;
  /** Errors stay until they are closed. */
  stays: boolean;
}

let show: ((toast: Toast) => void) | undefined;
let early: Toast[] = [];
let want: (() => void) | undefined;

/** For the host: `wanted` is called with the first message. */
export function onFirstToast(wanted: () => void): void {
  want = wanted;
  if (early.length > 0) wanted();
}

export function connectToasts(shower: (toast: Toast) => void): void {
  show = shower;
  early.forEach(shower);
  early = [];
}

function send(toast: Toast): void {
  if (show !== undefined) return show(toast);
  early.push(toast);
  want?.();
}

export function tell(message: string): void {
  send({ message, stays: false });
}

export function tellProblem(error: unknown): void {
  const detail = error instanceof Error ? error.message : String(error);
  const request = error instanceof Problem && error.requestId !== undefined ? ` (${i18next.t('error.request')} ${error.requestId})` : '';
  send({ title: i18next.t('error.title'), message: detail + request, stays: true });
}
