#include "harness/report/html_page.h"

#include <fmt/format.h>

#include <array>

#include "harness/report/text.h"

namespace robosync::parity {
namespace {

constexpr std::string_view kColours = R"css(
:root{color-scheme:light dark;--page:#f6f7f9;--card:#fff;--ink:#1b2027;--soft:#5b6572;--line:#dde2e8;
--accent:#0b6e99;--good:#1a7f4b;--good-tint:#e2f4ea;--bad:#b3261e;--bad-tint:#fbe6e4;
--warn:#8a5a00;--warn-tint:#fdf1d8;--mute-tint:#eef1f4;
--tool-0:#0b6e99;--tool-1:#c2570c;--tool-2:#2e7d32;--tool-3:#7b4bb3;--tool-4:#b0306a;--tool-5:#5b6572}
@media (prefers-color-scheme:dark){:root{--page:#12161b;--card:#1b2129;--ink:#e6eaef;--soft:#9aa6b4;
--line:#323b46;--accent:#5cc0ea;--good:#5fd394;--good-tint:#173527;--bad:#ff8f86;--bad-tint:#43201f;
--warn:#f0bd5a;--warn-tint:#3b2f14;--mute-tint:#252d37;
--tool-0:#5cc0ea;--tool-1:#f59a52;--tool-2:#7fd083;--tool-3:#c39af0;--tool-4:#f585b5;--tool-5:#9aa6b4}}
)css";

constexpr std::string_view kLayout = R"css(
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",
Roboto,"Helvetica Neue","DejaVu Sans",sans-serif;overflow-wrap:anywhere}
main{max-width:1120px;margin:0 auto;padding:20px 16px 48px}
h1{font-size:1.6rem;line-height:1.2;margin:8px 0 4px}h2{font-size:1.15rem;margin:0 0 4px}
h3{font-size:.95rem;margin:18px 0 6px}p{margin:4px 0}a{color:var(--accent)}
.soft{color:var(--soft)}.small{font-size:.85rem}code{font:.86em ui-monospace,"DejaVu Sans Mono",monospace}
section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:16px 18px;
margin:16px 0}
.facts{display:flex;flex-wrap:wrap;gap:2px 18px;color:var(--soft)}.facts b{color:var(--ink);font-weight:600}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:16px 0}
.tile{background:var(--card);border:1px solid var(--line);border-left:5px solid var(--soft);
border-radius:10px;padding:10px 14px}
.tile b{display:block;font-size:1.3rem;line-height:1.3}.tile.good{border-left-color:var(--good)}
.tile.bad{border-left-color:var(--bad)}.tile.warn{border-left-color:var(--warn)}
ul.plain{list-style:none;margin:6px 0;padding:0}ul.plain li{padding:7px 0;border-top:1px solid var(--line)}
ul.plain li:first-child{border-top:0}
.tag{display:inline-block;border-radius:5px;padding:0 7px;font-size:.82rem;font-weight:600;
background:var(--mute-tint);color:var(--soft);white-space:nowrap}
.tag.good{background:var(--good-tint);color:var(--good)}.tag.bad{background:var(--bad-tint);color:var(--bad)}
.tag.warn{background:var(--warn-tint);color:var(--warn)}
summary{cursor:pointer}details>div,details>ul{margin-top:6px}
)css";

constexpr std::string_view kTables = R"css(
.scroll{overflow-x:auto;margin:8px -18px -16px;padding:0 18px 16px}
table{border-collapse:collapse;width:100%;font-size:.88rem;overflow-wrap:normal}
th,td{padding:5px 9px;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
th{font-weight:600}thead th{color:var(--soft);border-bottom-width:2px;white-space:nowrap}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
tr.group th{background:var(--mute-tint);padding-top:7px}
tr.best td{font-weight:600}td.wide{min-width:15rem}
td:has(.dot){white-space:nowrap}
.dot{display:inline-block;width:.7em;height:.7em;border-radius:50%;margin-right:.45em}
.matrix td:not(:first-child){min-width:6.4rem}.matrix th:first-child,.matrix td:first-child{min-width:11rem}
.matrix .name{color:var(--soft);font-size:.8rem}
.o{display:inline-block;border-radius:5px;padding:0 7px;font-weight:600;white-space:nowrap}
.o.pass{background:var(--good-tint);color:var(--good)}.o.fail{background:var(--bad-tint);color:var(--bad)}
.o.differs{background:var(--warn-tint);color:var(--warn)}
.o.unsupported,.o.not_run{background:var(--mute-tint);color:var(--soft);font-weight:400}
.matrix details{max-width:16rem}.matrix details div{font-size:.82rem;white-space:pre-wrap;overflow-wrap:anywhere}
.matrix summary{list-style:none}.matrix summary::-webkit-details-marker{display:none}
.matrix summary .o::after{content:" \25be"}.matrix details[open] summary .o::after{content:" \25b4"}
)css";

constexpr std::string_view kCharts = R"css(
.ratio{display:grid;grid-template-columns:minmax(8rem,13rem) 1fr max-content;gap:0 12px;align-items:center}
.ratio .what{padding:5px 0;align-self:start}.ratio>.sep{grid-column:1/-1;border-top:1px solid var(--line)}
.ratio .tracks,.ratio .values{padding:5px 0}.ratio .values{font-variant-numeric:tabular-nums;font-size:.86rem}
.ratio .values div{height:24px;line-height:24px;white-space:nowrap}
.track{position:relative;height:24px}.track i{position:absolute;top:0;bottom:0;width:1px;background:var(--line)}
.track i.one{background:var(--soft);width:2px;margin-left:-1px}
.track .bar{position:absolute;top:4px;height:16px;border-radius:3px;opacity:.85}
.track .bar.slow{background-image:repeating-linear-gradient(45deg,transparent 0 4px,var(--card) 4px 6px)}
.track .spread{position:absolute;top:11px;height:2px;background:var(--ink)}
.track .spread::before,.track .spread::after{content:"";position:absolute;top:-3px;height:8px;width:2px;
background:var(--ink)}.track .spread::before{left:0}.track .spread::after{right:0}
.scale{position:relative;height:20px;font-size:.78rem;color:var(--soft)}
.scale span{position:absolute;transform:translateX(-50%);white-space:nowrap}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,330px),1fr));gap:14px 22px}
figure{margin:10px 0 0}figcaption{font-weight:600;font-size:.92rem}
svg{display:block;width:100%;height:auto;font-size:12px}svg text{fill:var(--soft)}
svg .grid{stroke:var(--line);stroke-width:1}svg .curve{fill:none;stroke-width:2}
svg .mark{fill:var(--bad);stroke:var(--card);stroke-width:1.5}
.legend{display:flex;flex-wrap:wrap;gap:2px 16px;font-size:.86rem}
@media (max-width:640px){main{padding:12px 10px 32px}section{padding:14px 12px}
.scroll{margin:8px -12px -14px;padding:0 12px 14px}
.ratio{grid-template-columns:minmax(0,1fr) max-content;gap:0 8px}.ratio .what{grid-column:1/-1;padding-bottom:0}
.ratio .tracks,.ratio .values{padding-top:0}.ratio .pad{display:none}}
@media print{body{background:#fff}section{break-inside:avoid-page}}
)css";

constexpr std::array<std::string_view, 5> kTools = {"robosync", "rsync", "cp", "rclone",
                                                    "robocopy"};

}  // namespace

std::string tool_colour(std::string_view tool) {
  std::size_t i = 0;
  while (i < kTools.size() && kTools.at(i) != tool) ++i;
  return fmt::format("var(--tool-{})", i);
}

std::string html_page(std::string_view title, std::string_view body_html) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
      // Whatever a report holds, the page loads and runs nothing.
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\">\n"
      "<title>{}</title>\n<style>{}{}{}{}</style>\n</head>\n<body>\n<main>\n{}</main>\n</body>\n"
      "</html>\n",
      html_text(title), kColours, kLayout, kTables, kCharts, body_html);
}

}  // namespace robosync::parity
