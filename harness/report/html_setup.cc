// What was measured, with what, on what.

#include <fmt/format.h>

#include "harness/report/html_page.h"
#include "harness/report/html_sections.h"
#include "harness/report/numbers.h"
#include "harness/report/text.h"

namespace robosync::parity {
namespace {

std::string row(std::string_view name, std::string_view value) {
  if (value.empty()) return {};
  return fmt::format("<tr><th>{}</th><td>{}</td></tr>", html_text(name), html_text(value));
}

std::string availability(bool available, std::string_view reason) {
  if (available) return "<span class=\"tag good\">\u2713 available</span>";
  return fmt::format("<span class=\"tag\">not available</span> {}", html_text(reason));
}

std::string machine_html(const Report& report) {
  const Environment& machine = report.environment;
  return "<section><h2>Machine</h2><div class=\"scroll\"><table><tbody>" +
         row("host", machine.host) + row("class", machine.machine_class) +
         row("system", machine.os) + row("kernel", machine.kernel) +
         row("processor", fmt::format("{} x {}", machine.processors, machine.cpu)) +
         row("memory", bytes_text(static_cast<double>(machine.memory_bytes))) +
         row("scratch", fmt::format("{} ({})", machine.scratch_path, machine.scratch_file_system)) +
         row("load",
             fmt::format("{:.2f} before, {:.2f} after", machine.load_before, machine.load_after)) +
         "</tbody></table></div></section>\n";
}

std::string tools_html(const Report& report) {
  if (report.tools.empty()) return {};
  std::string html =
      "<section><h2>Tools</h2><div class=\"scroll\"><table><thead><tr><th>tool</th><th>version</th>"
      "<th>flags</th><th>why they are fair</th></tr></thead><tbody>";
  for (const Tool& tool : report.tools) {
    html += fmt::format(
        "<tr><td><span class=\"dot\" style=\"background:{}\"></span>{}</td><td "
        "class=\"wide\">{}</td><td><code>{}</code></td><td class=\"wide\">{}</td></tr>",
        tool_colour(tool.name), html_text(tool.name),
        tool.available ? html_text(tool.version) : availability(false, tool.reason),
        html_text(tool.flags), html_text(tool.fairness));
  }
  return html + "</tbody></table></div></section>\n";
}

std::string links_html(const Report& report) {
  if (report.links.empty()) return {};
  std::string html =
      "<section><h2>Links</h2><div class=\"scroll\"><table><thead><tr><th>link</th><th></th><th>"
      "what it is</th></tr></thead><tbody>";
  for (const Link& link : report.links) {
    html +=
        fmt::format("<tr><td>{}{}</td><td class=\"wide\">{}</td><td class=\"wide\">{}</td></tr>",
                    html_text(link.name), link.emulated ? " (emulated)" : "",
                    availability(link.available, link.reason), html_text(link.description));
  }
  return html + "</tbody></table></div></section>\n";
}

std::string datasets_html(const Report& report) {
  if (report.datasets.empty()) return {};
  std::string html =
      "<section><h2>Datasets</h2><div class=\"scroll\"><table><thead><tr><th>dataset</th><th "
      "class=\"n\">scale</th><th class=\"n\">files</th><th class=\"n\">folders</th><th "
      "class=\"n\">size</th><th class=\"n\">seed</th><th>digest</th><th>as specified</th></tr>"
      "</thead><tbody>";
  for (const DatasetRecord& set : report.datasets) {
    html += fmt::format(
        "<tr><td>{}</td><td class=\"n\">{:g}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td "
        "class=\"n\">{}</td><td class=\"n\">{}</td><td><code>{}</code> {}</td><td>{}</td></tr>",
        html_text(set.name), set.scale, count_text(set.files), count_text(set.directories),
        bytes_text(static_cast<double>(set.bytes)), set.seed, html_text(set.digest.substr(0, 16)),
        html_text(set.profile),
        set.digest_matches_spec ? "<span class=\"tag good\">\u2713 yes</span>"
                                : "<span class=\"tag warn\">\u2260 no</span>");
  }
  return html + "</tbody></table></div></section>\n";
}

std::string micro_html(const Report& report) {
  if (report.micro_benchmarks.empty()) return {};
  std::string html =
      "<section><h2>Micro benchmarks</h2><div class=\"scroll\"><table><thead><tr><th>benchmark</th>"
      "<th class=\"n\">time</th><th class=\"n\">CPU</th><th "
      "class=\"n\">iterations</th></tr></thead>"
      "<tbody>";
  for (const MicroBenchmark& bench : report.micro_benchmarks) {
    html += fmt::format(
        "<tr><td>{}</td><td class=\"n\">{} ns</td><td class=\"n\">{} ns</td><td class=\"n\">{}</td>"
        "</tr>",
        html_text(bench.name), figure_text(bench.real_time_ns), figure_text(bench.cpu_time_ns),
        count_text(bench.iterations));
  }
  return html + "</tbody></table></div></section>\n";
}

}  // namespace

std::string setup_html(const Report& report) {
  return tools_html(report) + datasets_html(report) + links_html(report) + machine_html(report) +
         micro_html(report);
}

}  // namespace robosync::parity
