#include "sim/check/history_check.h"

namespace bsim {

void HistoryCheck::on(const Event& event) {
    log_.settle(&event);
    log_.moment(event.i);
    const auto* changed = as<PartitionChanged>(event);
    if (changed != nullptr && changed->reason == "created")
        log_.recreated(changed->p);
}

void HistoryCheck::send(const ClientOp& op) {
    sends_.on(op);
    tell_readers();
}

void HistoryCheck::poll(const ClientOp& op) {
    polls_.on(op);
    tell_readers();
}

void HistoryCheck::commit(const CommitOp& /*op*/) {}

void HistoryCheck::tell_readers() {
    for (const HistoryLog::Rewrite& rewrite : log_.take_rewrites())
        polls_.rewritten(rewrite);
}

void HistoryCheck::finish(const EndOfRun& end) {
    log_.settle(nullptr);
    polls_.finish();
    log_.finish(end);
}

}  // namespace bsim
