#include "sim/app/progress_bar.h"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <string_view>
#include <sys/ioctl.h>
#include <unistd.h>

namespace bsim {
namespace {

constexpr auto kRedraw = std::chrono::milliseconds(100);
constexpr std::int64_t kCellsMost = 24;
constexpr std::int64_t kCellsFewest = 4;
constexpr std::int64_t kBarEnds = 3;  // the blank before the bar and its two edges

std::int64_t terminal_columns() {
    winsize size{};
    const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return known ? size.ws_col : 80;
}

std::string tenths(SimTime time) {
    const std::int64_t tenths_of_a_second = time.ns() / 100'000'000;
    return fmt::format("{}.{}s", tenths_of_a_second / 10, tenths_of_a_second % 10);
}

std::string seconds_of(SimTime time) {
    const bool whole = time.ns() % 1'000'000'000 == 0;
    return whole ? fmt::format("{}s", time.ns() / 1'000'000'000) : tenths(time);
}

std::string per_second(std::uint64_t events, std::chrono::milliseconds elapsed) {
    const auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(1, elapsed.count()));
    const std::uint64_t rate = events * 1000 / ms;
    return rate < 10'000 ? fmt::format("{} ev/s", rate) : fmt::format("{}k ev/s", rate / 1000);
}

std::string counted(std::uint64_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string bar_of(SimTime now, SimTime end, std::int64_t cells) {
    const std::int64_t per_cell = std::max<std::int64_t>(1, end.ns() / cells);
    const std::int64_t done = end.ns() == 0 ? cells : std::min(cells, now.ns() / per_cell);
    std::string bar;
    for (std::int64_t i = 0; i < cells; ++i)
        bar += i < done ? "█" : " ";
    return bar;
}

}  // namespace

std::string progress_line(const RunProgress& progress,
                          SimTime end,
                          std::chrono::milliseconds elapsed,
                          std::int64_t columns) {
    const std::string times = fmt::format("sim {}/{}", tenths(progress.now), seconds_of(end));
    const std::string figures =
        fmt::format(" {}  {}  {}", per_second(progress.events, elapsed),
                    counted(progress.faults, "fault"), counted(progress.violations, "violation"));
    const std::int64_t room = columns - 1 - kBarEnds - std::ssize(times) - std::ssize(figures);
    if (room >= kCellsFewest) {
        return fmt::format("{} ▕{}▏{}", times,
                           bar_of(progress.now, end, std::min(room, kCellsMost)), figures);
    }
    const std::string line = times + figures;
    return line.substr(0, static_cast<std::size_t>(std::max<std::int64_t>(0, columns - 1)));
}

ProgressBar::ProgressBar(bool shown, SimTime end)
    : shown_(shown), end_(end), started_(std::chrono::steady_clock::now()), last_draw_(started_) {}

void ProgressBar::update(const RunProgress& progress) {
    if (!shown_)
        return;
    const auto clock = std::chrono::steady_clock::now();
    if (clock - last_draw_ < kRedraw)
        return;
    last_draw_ = clock;
    drawn_ = true;
    const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(clock - started_);
    const std::string line =
        "\r\x1b[K" + progress_line(progress, end_, elapsed, terminal_columns());
    std::fwrite(line.data(), 1, line.size(), stderr);
    std::fflush(stderr);
}

void ProgressBar::finish() {
    if (!drawn_)
        return;
    std::fputs("\r\x1b[K", stderr);
    std::fflush(stderr);
}

}  // namespace bsim
