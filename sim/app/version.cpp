#include "sim/app/version.h"

#include <string>

#include <boost/version.hpp>
#include <nlohmann/json.hpp>

namespace bsim {
namespace {

std::string boost_version() {
    return std::to_string(BOOST_VERSION / 100000) + "." +
           std::to_string(BOOST_VERSION / 100 % 1000) + "." + std::to_string(BOOST_VERSION % 100);
}

constexpr const char* kCompiler =
#if defined(__clang__)
    "clang " __clang_version__;
#else
    "gcc " __VERSION__;
#endif

}  // namespace

// Boost.Random's engines are fixed by their definition; the version is named all the same.
std::map<std::string, std::string> library_versions() {
    return {{"boost", boost_version()}};
}

std::string version_line() {
    return "brokersim " + std::string(kVersion) + " (Kafka " + std::string(kKafkaVersion) + ", " +
           kCompiler + ")";
}

void add_version_command(CLI::App& root, const GlobalOptions& global) {
    CLI::App* command = root.add_subcommand("version", "Print version, compiler and libraries");
    command->callback([&global] {
        if (!global.json)
            return print(version_line() + "\n");
        nlohmann::ordered_json out;
        out["brokersim"] = kVersion;
        out["kafka"] = kKafkaVersion;
        out["compiler"] = kCompiler;
        out["libraries"] = library_versions();
        print(out.dump() + "\n");
    });
}

}  // namespace bsim
