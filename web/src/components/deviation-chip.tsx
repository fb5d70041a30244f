import { Link } from '@tanstack/react-router';
import { X } from 'lucide-react';
import { clock, words } from '@/lib/format';

/** A missed point of a call as words and time; a click opens the call at that second. */
export function DeviationChip({ callId, deviation }: { callId: string; deviation: { what_was_wrong: string; start_time: number; question_id?: string } }) {
  const rule = deviation.question_id;
  return (
    <Link
      className="hs-chip" data-tone="alert" to="/calls/$id" params={{ id: callId }}
      search={{ t: Math.round(deviation.start_time * 1000), ...(rule === undefined ? {} : { rule }) }}
    >
      <X size={12} aria-hidden="true" strokeWidth={2.6} />
      {words(deviation.what_was_wrong)} · {clock(deviation.start_time)}
    </Link>
  );
}
