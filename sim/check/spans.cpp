#include "sim/check/spans.h"

#include <algorithm>

namespace bsim {

void Spans::set(std::string_view why, SimTime now) {
    if (why.empty() == !open_)
        return;
    if (!open_) {
        open_ = {now, now, why};
        return;
    }
    if (open_->from < now)
        closed_.push_back({open_->from, now, open_->why});
    open_.reset();
}

SimDuration Spans::total(SimTime end) const {
    SimDuration sum;
    for (const Span& span : closed_)
        sum = sum + (span.to - span.from);
    return open_ ? sum + (end - open_->from) : sum;
}

void Spans::within(SimTime from, SimTime to, std::vector<Span>& out) const {
    auto span = std::partition_point(closed_.begin(), closed_.end(),
                                     [&](const Span& one) { return one.to <= from; });
    for (; span != closed_.end() && span->from < to; ++span)
        out.push_back({std::max(span->from, from), std::min(span->to, to), span->why});
    if (open_ && open_->from < to)
        out.push_back({std::max(open_->from, from), to, open_->why});
}

SimDuration longest_uncovered(SimTime from, SimTime to, std::vector<Span>& spans) {
    std::stable_sort(spans.begin(), spans.end(),
                     [](const Span& a, const Span& b) { return a.from < b.from; });
    SimDuration longest;
    for (const Span& span : spans) {
        if (span.from > from)
            longest = std::max(longest, span.from - from);
        from = std::max(from, span.to);
    }
    return to > from ? std::max(longest, to - from) : longest;
}

}  // namespace bsim
