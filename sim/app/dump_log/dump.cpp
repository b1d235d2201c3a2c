#include "sim/app/dump_log/dump.h"

#include <fmt/format.h>

#include "sim/app/dump_log/index_dump.h"
#include "sim/app/dump_log/input_file.h"
#include "sim/app/dump_log/log_dump.h"
#include "sim/app/dump_log/session.h"
#include "sim/app/dump_log/state_dump.h"
#include "sim/app/dump_log/stopped.h"
#include "sim/app/dump_log/writer.h"

namespace bsim::dump_log {
namespace {

void dump_file(const InputFile& file, Session& session) {
    const std::string_view suffix = file.suffix();
    if (suffix == ".log" || suffix == ".checkpoint")
        return dump_log_segment(file, session);
    if (suffix == ".index")
        return dump_offset_index(file, session);
    if (suffix == ".timeindex")
        return dump_time_index(file, session);
    if (suffix == ".snapshot")
        return dump_producer_snapshot(file, session);
    if (suffix == ".txnindex")
        return dump_transaction_index(file, session);
    session.complaints.tell(fmt::format("Ignoring unknown file {}", file.path()));
}

}  // namespace

bool dump(const std::vector<std::string>& files,
          const Options& options,
          std::ostream& out,
          std::ostream& complaints) {
    const auto writer = options.json ? json_writer(out) : text_writer(out, files.size() > 1);
    Complaints collected(complaints);
    Session session{options, *writer, collected};
    std::string current;
    try {
        for (const std::string& path : files) {
            const InputFile file(path);
            current = file.path();
            writer->begin_file(current);
            dump_file(file, session);
        }
    } catch (const Stopped& stopped) {
        collected.tell(fmt::format("{}: {}", current, stopped.what()));
    }
    collected.finish();
    writer->finish(collected.told());
    return !collected.any();
}

}  // namespace bsim::dump_log
