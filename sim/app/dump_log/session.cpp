#include "sim/app/dump_log/session.h"

#include <algorithm>
#include <fmt/format.h>

namespace bsim::dump_log {

void Complaints::tell(std::string line) {
    err_ << line << '\n';
    told_.push_back(std::move(line));
}

void Complaints::add(Collected& to, const std::string& path, Pair pair) {
    const auto same = [&](const OfFile& file) { return file.path == path; };
    auto found = std::find_if(to.begin(), to.end(), same);
    if (found == to.end())
        found = to.insert(to.end(), OfFile{path, {}});
    found->pairs.push_back(pair);
}

void Complaints::finish() {
    // The tool conses two of the lists, so that they come out last first.
    for (const OfFile& file : index_mismatches_) {
        tell(fmt::format("Mismatches in :{}", file.path));
        for (auto pair = file.pairs.rbegin(); pair != file.pairs.rend(); ++pair)
            tell(fmt::format("  Index offset: {}, log offset: {}", pair->first, pair->second));
    }
    for (const OfFile& file : time_mismatches_) {
        tell(fmt::format("Found timestamp mismatch in :{}", file.path));
        for (const Pair& p : file.pairs)
            tell(fmt::format("  Index timestamp: {}, log timestamp: {}", p.first, p.second));
    }
    for (const OfFile& file : time_disorders_) {
        tell(fmt::format("Found out of order timestamp in :{}", file.path));
        for (const Pair& p : file.pairs) {
            tell(fmt::format("  Index timestamp: {}, Previously indexed timestamp: {}", p.first,
                             p.second));
        }
    }
    for (const OfFile& file : not_found_) {
        tell("The following indexed offsets are not found in the log.");
        for (const Pair& p : file.pairs)
            tell(fmt::format("Indexed offset: {}, found log offset: {}", p.first, p.second));
    }
    for (const OfFile& file : gaps_) {
        tell(fmt::format("Non-consecutive offsets in {}", file.path));
        for (auto pair = file.pairs.rbegin(); pair != file.pairs.rend(); ++pair)
            tell(fmt::format("  {} is followed by {}", pair->first, pair->second));
    }
}

}  // namespace bsim::dump_log
