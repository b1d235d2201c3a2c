#include "sim/app/dump_log_command.h"

#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "sim/app/dump_log/dump.h"
#include "sim/base/host_error.h"

namespace bsim {
namespace {

using dump_log::Decoder;

struct Arguments {
    std::vector<std::string> files;
    dump_log::Options options;
    bool offsets = false;
    bool transaction_log = false;
    bool cluster_metadata = false;
};

// The real tool's order where several are given.
Decoder decoder_of(const Arguments& arguments) {
    if (arguments.offsets)
        return Decoder::Offsets;
    if (arguments.transaction_log)
        return Decoder::TransactionLog;
    return arguments.cluster_metadata ? Decoder::ClusterMetadata : Decoder::Plain;
}

void add_flags(CLI::App& command, Arguments& arguments) {
    dump_log::Options& options = arguments.options;
    command.add_flag("--print-data-log", options.print_data_log, "Show keys and values of records");
    command.add_flag("--deep-iteration", options.deep_iteration, "Show the records of each batch");
    command.add_flag("--skip-record-metadata", options.skip_record_metadata,
                     "Show nothing of a record but key and value");
    command.add_flag("--index-sanity-check", options.index_sanity_check,
                     "Of an index, check only what a broker checks when it starts");
    command.add_flag("--verify-index-only", options.verify_index_only,
                     "Of an index, show only what is wrong with it");
    command.add_flag("--cluster-metadata-decoder", arguments.cluster_metadata,
                     "Records are those of __cluster_metadata; shows them");
    command.add_flag("--offsets-decoder", arguments.offsets,
                     "Records are those of __consumer_offsets; shows them");
    command.add_flag("--transaction-log-decoder", arguments.transaction_log,
                     "Records are those of __transaction_state; shows them");
    command.add_option("--max-message-size", options.max_message_bytes,
                       "Bytes to read at the position of an index entry");
    command.add_option("--max-bytes", options.max_bytes, "Bytes to read from the front of a log");
    command.add_flag("--json", options.json, "One JSON object on stdout instead of text");
}

bool json_for_all(const CLI::App& root) {
    const CLI::Option* option = root.get_option_no_throw("--json");
    return option != nullptr && option->count() > 0;
}

}  // namespace

CLI::App* add_dump_log_command(CLI::App& root, int& exit_code) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = root.add_subcommand(
        "dump-log", "Show what is in the files of a log directory, as kafka-dump-log does");
    command
        ->add_option("FILE", arguments->files,
                     "Files named as in a log directory: .log, .index, .timeindex, .txnindex, "
                     ".snapshot, .checkpoint")
        ->required();
    add_flags(*command, *arguments);
    command->callback([arguments, &root, &exit_code] {
        arguments->options.decoder = decoder_of(*arguments);
        if (json_for_all(root))
            arguments->options.json = true;
        const bool clean =
            dump_log::dump(arguments->files, arguments->options, std::cout, std::cerr);
        if (!std::cout.flush())
            throw HostError("cannot write to standard output");
        exit_code = clean ? 0 : 1;
    });
    return command;
}

}  // namespace bsim
