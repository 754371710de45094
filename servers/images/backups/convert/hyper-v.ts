import type { VirtualMachine } from './virtual-machine.ts';

/**
 * A script that makes the machine on a host with Hyper-V, whose own description of a machine is not text. A computer
 * with UEFI becomes one of generation 2, which starts from VHDX alone: a VHD is converted first.
 * Source: https://learn.microsoft.com/powershell/module/hyper-v
 */
export function hyperVScript({ name, firmware, cpus, memoryMiB, disk }: VirtualMachine): string {
  const isUefi = firmware === 'uefi';
  const isConverted = isUefi && disk.format === 'vpc';
  const lines = [
    `# Makes a virtual machine of the disk beside this file. Run it on the Hyper-V host, as an administrator:`,
    `#   powershell -ExecutionPolicy Bypass -File ${name}.ps1 -SwitchName "Default Switch"`,
    `# The machine uses the disk where it lies. Its network card is not connected without -SwitchName.`,
    `param([string] $Name = '${name}', [string] $SwitchName)`,
    `$ErrorActionPreference = 'Stop'`,
    `$disk = Join-Path $PSScriptRoot '${disk.file}'`,
    ...(isConverted
      ? [
          `# Machines of generation 2 (UEFI) take VHDX alone.`,
          `$converted = [IO.Path]::ChangeExtension($disk, '.vhdx')`,
          `Convert-VHD -Path $disk -DestinationPath $converted`,
          `$disk = $converted`,
        ]
      : []),
    `New-VM -Name $Name -Generation ${isUefi ? 2 : 1} -MemoryStartupBytes ${memoryMiB}MB -VHDPath $disk`,
    `Set-VMProcessor -VMName $Name -Count ${cpus}`,
    // Whether the guest's boot loader is signed, no backup says.
    ...(isUefi ? [`Set-VMFirmware -VMName $Name -EnableSecureBoot Off`] : []),
    `if ($SwitchName) { Connect-VMNetworkAdapter -VMName $Name -SwitchName $SwitchName }`,
  ];
  return lines.map((line) => `${line}\r\n`).join('');
}
