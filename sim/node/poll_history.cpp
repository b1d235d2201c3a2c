#include "sim/node/poll_history.h"

#include <utility>
#include <vector>

#include "sim/base/bytes.h"

namespace bsim {

void PollHistory::called(SimTime now) {
    if (std::exchange(open_, true))
        return;
    if (!process_)
        process_ = processes_.take();
    write(now, OpType::Invoke, {});
}

void PollHistory::returned(SimTime now, const client::RecordsReady& ready) {
    std::vector<SeenRecord> records;
    for (const client::PartitionRecords& partition : ready.partitions) {
        for (const client::ConsumedRecord& record : partition.records) {
            const ByteView value = record.value ? ByteView(*record.value) : ByteView();
            records.push_back({partition.partition, record.offset, as_text(value)});
        }
    }
    // The position may have passed what the application does not see.
    if (records.empty())
        return;
    open_ = false;
    write(now, OpType::Ok, records);
}

void PollHistory::threw(SimTime now) {
    open_ = false;
    write(now, OpType::Fail, {});
}

void PollHistory::ended(SimTime now) {
    if (std::exchange(open_, false)) {
        write(now, OpType::Info, {});
    } else if (process_) {
        processes_.give_back(*process_);
    }
    process_.reset();
}

void PollHistory::write(SimTime now, OpType type, std::span<const SeenRecord> records) {
    sink_.poll({*process_, type, now, records});
}

}  // namespace bsim
