/** Joins a state of the figures with its outline: by ISO code, else by name and its older names. */
const oldCodes: Record<string, string> = { CT: 'CG', OR: 'OD', TG: 'TS', UT: 'UK', DN: 'DH', DD: 'DH' };
const names: Record<string, string> = {
  'jammu and kashmir': 'JK', 'west bengal': 'WB', uttarakhand: 'UK', 'uttar pradesh': 'UP', tripura: 'TR', 'tamil nadu': 'TN', telangana: 'TS', sikkim: 'SK',
  rajasthan: 'RJ', puducherry: 'PY', punjab: 'PB', odisha: 'OD', nagaland: 'NL', mizoram: 'MZ', 'madhya pradesh': 'MP', manipur: 'MN', meghalaya: 'ML',
  maharashtra: 'MH', lakshadweep: 'LD', kerala: 'KL', karnataka: 'KA', ladakh: 'LA', jharkhand: 'JH', haryana: 'HR', 'himachal pradesh': 'HP', gujarat: 'GJ',
  goa: 'GA', 'dadra and nagar haveli and daman and diu': 'DH', delhi: 'DL', chhattisgarh: 'CG', chandigarh: 'CH', bihar: 'BR', assam: 'AS',
  'arunachal pradesh': 'AR', 'andhra pradesh': 'AP', 'andaman and nicobar islands': 'AN',
  orissa: 'OD', uttaranchal: 'UK', pondicherry: 'PY', 'nct of delhi': 'DL', 'new delhi': 'DL', 'national capital territory of delhi': 'DL', 'j&k': 'JK',
  'daman and diu': 'DH', 'dadra and nagar haveli': 'DH', 'andaman and nicobar': 'AN', chattisgarh: 'CG', 'tamilnadu': 'TN',
};

export interface Placed {
  state: string;
  state_code: string | null;
}

/** The outline's id; undefined for a state that is not on the map. */
export function shortCode(state: Placed): string | undefined {
  const code = state.state_code?.replace(/^IN-/, '').toUpperCase();
  const fresh = code === undefined ? undefined : (oldCodes[code] ?? code);
  if (fresh !== undefined && Object.values(names).includes(fresh)) return fresh;
  return names[state.state.trim().toLowerCase().replace(/\s+/g, ' ').replace(' & ', ' and ')] ?? names[state.state.trim().toLowerCase()];
}

/** Names a state in a URL: its code, or its name where it has none. */
export const stateKey = (state: Placed): string => shortCode(state) ?? state.state;
