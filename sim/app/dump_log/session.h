#pragma once
// What the parts of one dump share, and what they complain about. Some complaints are told at once;
// those on the contents of logs and indexes at the end, by kind and file, as the real tool does.

#include <cstdint>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "sim/app/dump_log/options.h"
#include "sim/app/dump_log/writer.h"

namespace bsim::dump_log {

class Complaints {
  public:
    explicit Complaints(std::ostream& err) : err_(err) {}

    void tell(std::string line);
    bool any() const { return !told_.empty(); }
    const std::vector<std::string>& told() const { return told_; }

    struct Pair {
        std::int64_t first = 0;
        std::int64_t second = 0;
    };
    // An index entry, and the last offset of the batch that it points to.
    void index_mismatch(const std::string& path, Pair pair) { add(index_mismatches_, path, pair); }
    // A time index entry's timestamp, and the largest one of the batch.
    void time_mismatch(const std::string& path, Pair pair) { add(time_mismatches_, path, pair); }
    // A timestamp, and that of the entry before it.
    void time_disorder(const std::string& path, Pair pair) { add(time_disorders_, path, pair); }
    // An indexed offset, and the first last offset of a batch not below it, -1 if there is none.
    void offset_not_found(const std::string& path, Pair pair) { add(not_found_, path, pair); }
    // The offsets of two records, one behind the other.
    void gap(const std::string& path, Pair pair) { add(gaps_, path, pair); }

    // Tells what was collected.
    void finish();

  private:
    struct OfFile {
        std::string path;
        std::vector<Pair> pairs;
    };
    using Collected = std::vector<OfFile>;
    static void add(Collected& to, const std::string& path, Pair pair);

    std::ostream& err_;
    std::vector<std::string> told_;
    Collected index_mismatches_;
    Collected time_mismatches_;
    Collected time_disorders_;
    Collected not_found_;
    Collected gaps_;
};

struct Session {
    const Options& options;
    Writer& writer;
    Complaints& complaints;
};

}  // namespace bsim::dump_log
