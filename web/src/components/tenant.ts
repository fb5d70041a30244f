import { useQuery } from '@tanstack/react-query';
import { limits } from '@/api/queries';
import { rangeOf, today, type PeriodChoice, type Range } from '@/lib/period';

const fallbackZone = 'Asia/Kolkata';

/** The tenant's time zone; its figures and times are told in it. */
export function useZone(): string {
  return useQuery(limits()).data?.time_zone ?? fallbackZone;
}

export function useRange(choice: PeriodChoice): Range {
  return rangeOf(choice, today(useZone()));
}
