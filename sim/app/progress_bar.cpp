#include "sim/app/progress_bar.h"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <string>

namespace bsim {
namespace {

constexpr auto kRedraw = std::chrono::milliseconds(100);
constexpr std::int64_t kCells = 24;

std::string tenths(SimTime time) {
    const std::int64_t tenths_of_a_second = time.ns() / 100'000'000;
    return fmt::format("{}.{}s", tenths_of_a_second / 10, tenths_of_a_second % 10);
}

}  // namespace

ProgressBar::ProgressBar(bool shown, SimTime end)
    : shown_(shown), end_(end), started_(std::chrono::steady_clock::now()), last_draw_(started_) {}

void ProgressBar::update(SimTime now, std::uint64_t events) {
    if (!shown_)
        return;
    const auto clock = std::chrono::steady_clock::now();
    if (clock - last_draw_ < kRedraw)
        return;
    last_draw_ = clock;
    drawn_ = true;
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(clock - started_).count();
    const std::int64_t done =
        end_.ns() == 0 ? kCells
                       : std::min(kCells, now.ns() / std::max<std::int64_t>(1, end_.ns() / kCells));
    std::string bar;
    for (std::int64_t i = 0; i < kCells; ++i)
        bar += i < done ? "█" : " ";
    const auto per_second =
        events * 1000 / static_cast<std::uint64_t>(std::max<std::int64_t>(1, ms));
    const std::string line = fmt::format("\r\x1b[Ksim {}/{} ▕{}▏ {}k ev/s", tenths(now),
                                         tenths(end_), bar, per_second / 1000);
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
