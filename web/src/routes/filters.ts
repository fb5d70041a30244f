/** Parameters that every data route knows; the names are the API's. */
import { date, id, oneOf, text, whole } from '@/lib/search';
import { defaultPeriod, periods } from '@/lib/period';

export const dataFilters = {
  period: oneOf(periods, defaultPeriod),
  from: date,
  to: date,
};

export const placeFilters = {
  state: text(100),
  city_id: whole(1, 2_147_483_647),
  agent_id: id,
  issue: text(50),
  language: text(50),
};
