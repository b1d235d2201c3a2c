#include "tests/unit/protocol/kraft_machine.h"

namespace bsim::kraft {

void TestMachine::catch_up(const TestLog& log, Offset hw) {
    const std::optional<Offset> wanted = at_ ? std::optional(at_->offset) : std::nullopt;
    if (must_load_snapshot(log, wanted, hw)) {
        at_ = *latest_snapshot(log);
        load(log.snapshot(*at_));
        ++snapshots_loaded_;
    }
    if (!at_)
        at_ = OffsetAndEpoch{};
    BSIM_CHECK(at_->offset >= log.start_offset() || at_->offset >= hw);
    for (const TestBatch& batch : log.read(at_->offset, hw)) {
        for (const std::string& record : batch.records) {
            if (record == kLeaderChange)
                continue;
            ++count_;
            last_ = record;
        }
        at_ = OffsetAndEpoch{batch.epoch, batch.end()};
    }
}

void TestMachine::leader_changed(bool is_own) {
    may_write_ = is_own;
    snapshots_loaded_ = 0;
}

std::string TestMachine::content() const {
    return std::to_string(count_) + " " + last_;
}

void TestMachine::load(const std::string& content) {
    const std::size_t space = content.find(' ');
    count_ = std::stoll(content.substr(0, space));
    last_ = content.substr(space + 1);
}

}  // namespace bsim::kraft
