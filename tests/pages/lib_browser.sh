# SPDX-License-Identifier: Apache-2.0
# A headless Chromium for tests of pages: no network, a profile of its own for each call. Sourced after tests/cli/lib.sh.
# shellcheck shell=bash

# browse ARGUMENT...: status 77 where there is no browser
browse() {
    local profile
    command -v chromium >/dev/null || return 77
    profile=$(mktemp -d "$JB_TMP/profile.XXXXXX")
    timeout 60 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
        --disable-component-update --disable-sync --disable-dev-shm-usage --hide-scrollbars --user-data-dir="$profile" \
        --host-resolver-rules='MAP * ~NOTFOUND' "$@" 2>"$JB_TMP/browser.log"
}

# measure PAGE WIDTH...: what a browser makes of it at each width, as JSON: [{width, scroll, beyond, text, wide, narrow, font, thin, margin}]; `thin` is text set
# in a column of less than 40 pixels.
# The page stands in a frame, for it runs no script itself.
measure() {
    local page=$1 widths
    shift
    widths=$(IFS=,; echo "$*")
    cat >"$JB_TMP/measure.html" <<MEASURE
<!DOCTYPE html><meta charset="utf-8"><body><script>
const all = [], widths = [$widths];
function shown(d, s) { return [...d.querySelectorAll(s)].filter(e => e.getBoundingClientRect().width > 0).length; }
function next() {
  if (all.length == widths.length) { document.body.textContent = 'FOUND' + JSON.stringify(all) + 'END'; return; }
  const f = document.createElement('iframe'), width = widths[all.length];
  f.style.cssText = 'border:0;height:900px;width:' + width + 'px';
  f.onload = () => {
    const d = f.contentDocument, frames = '.frame *';
    all.push({width, scroll: d.scrollingElement.scrollWidth,
      beyond: [...d.querySelectorAll('body *')].filter(e => !e.matches(frames) && e.getBoundingClientRect().right > width + 1).map(e => e.tagName),
      text: d.body.innerText.length, wide: shown(d, 'svg.wide'), narrow: shown(d, 'svg.narrow'),
      font: Math.min(...[...d.querySelectorAll('svg text')].map(e => e.getBoundingClientRect().height).filter(h => h > 0)),
      thin: [...d.querySelectorAll('p,dt,dd,caption,td,th,h1,h2,li')].filter(e => e.textContent.length > 8 && e.offsetWidth > 0 && e.offsetWidth < 40).map(e => e.tagName),
      margin: getComputedStyle(d.querySelector('h1')).lineHeight});
    f.remove(); next();
  };
  f.src = 'file://$page'; document.body.append(f);
}
next();
</script>
MEASURE
    # A browser that did not come up on a busy machine says nothing of the page.
    for _ in 1 2 3; do
        browse --allow-file-access-from-files --virtual-time-budget=10000 --dump-dom "file://$JB_TMP/measure.html" \
            >"$JB_TMP/measured" || [ $? -ne 77 ] || return 77
        grep -q FOUND "$JB_TMP/measured" && break
    done
    sed -n 's/.*FOUND\(.*\)END.*/\1/p' "$JB_TMP/measured" | sed 's/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g'
}
