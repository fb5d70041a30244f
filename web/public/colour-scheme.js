// Sets the colour scheme before the first paint; kept out of the page because the policy allows no inline script.
(function () {
  var kept = null;
  try { kept = localStorage.getItem('hs.scheme'); } catch (error) { /* storage may be forbidden */ }
  var dark = kept === 'dark' || (kept !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
