#include "sim/node/group_loader.h"

#include <string>
#include <utility>

#include "sim/model/internal_topics.h"
#include "sim/node/request_costs.h"
#include "sim/wire/record_batch.h"

namespace bsim {

void GroupLoader::post(group::CoordinatorInput news) {
    tasks_.push_back({std::move(news), parts_.process.cause()});
    if (tasks_.size() == 1)
        start(parts_.process.cpu().wake_rare_thread());
}

void GroupLoader::stop() {
    stopped_ = true;
}

void GroupLoader::start(SimDuration delay) {
    const SimDuration work = parts_.process.cpu().work(group_load_cost(0));
    parts_.process.after(delay + work, [this] { run(); });
}

void GroupLoader::run() {
    if (stopped_)
        return;
    CauseScope scope(parts_.process.env().tracer, tasks_.front().cause);
    tell_(tasks_.front().news);
    if (!reading_)
        return next_task();
    read_buffer(std::nullopt);
}

void GroupLoader::next_task() {
    tasks_.pop_front();
    if (!tasks_.empty())
        start(SimDuration(0));
}

// The log ends, too, when the broker does not lead the partition any more.
void GroupLoader::read_buffer(std::optional<Offset> from) {
    const TopicPartition tp{std::string(kOffsetsTopic), *reading_};
    auto batches = parts_.replicas.read_internal(tp, from, parts_.buffer_bytes);
    if (!batches || batches->empty()) {
        const PartitionIndex partition = *std::exchange(reading_, std::nullopt);
        tell_(group::ReadFinished{partition});
        return next_task();
    }
    parts_.dirs.when_done(parts_.process, parts_.dirs.settle(parts_.process.now()),
                          [this, read = std::move(*batches)] {
                              const auto bytes = static_cast<std::int64_t>(read.size());
                              const SimDuration work =
                                  parts_.process.cpu().work(group_load_cost(bytes));
                              parts_.process.after(work, [this, read] { take_buffer(read); });
                          });
}

void GroupLoader::take_buffer(const SharedBytes& batches) {
    if (stopped_)
        return;
    CauseScope scope(parts_.process.env().tracer, tasks_.front().cause);
    tell_(group::PartitionRead{*reading_, batches.view()});
    std::optional<Offset> next;
    wire::BatchReader reader(batches.view());
    wire::BatchView batch;
    while (reader.next(batch))
        next = Offset(batch.header.next_offset());
    if (next)
        return read_buffer(next);
    const PartitionIndex partition = *std::exchange(reading_, std::nullopt);
    tell_(group::ReadFinished{partition});
    next_task();
}

}  // namespace bsim
